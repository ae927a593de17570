/**
 * Two WebSockets as one: what either side says goes to the other, and so does how it ends. Pings are answered by the
 * runtime at each side. Neither side can be told to wait: what one says faster than the other takes is memory until the
 * other is cut off, and where the runtime does not tell how much that is, until it ends by itself. An upstream that sends
 * without end should wait for the client's own word now and then.
 */
import type { TimerPort } from "#egress/service";

export interface SocketWatch {
  readonly everyMs: number;
  /** Throws when the socket has to end. */
  readonly check: () => Promise<unknown>;
}

/** RFC 6455 section 7.4.1, and the registry that it makes. */
const CLOSE = {
  goingAway: 1001,
  none: 1005,
  lost: 1006,
  policy: 1008,
  tryAgainLater: 1013,
  badGateway: 1014,
  tls: 1015,
} as const;

/** What a side may owe before it is cut off, where the runtime tells (WebSockets standard, `bufferedAmount`). */
const MAX_BUFFERED_BYTES = 16 * 1_048_576;

/** Joins both and tells when it is over, whoever ended it. `client` is our end of the client's socket. */
export function relaySockets(
  client: WebSocket,
  upstream: WebSocket,
  watch: SocketWatch,
  timer: TimerPort,
): Promise<void> {
  const over = Promise.withResolvers<void>();
  let stopWatching = (): void => undefined;
  const end = (): void => {
    stopWatching();
    over.resolve();
  };
  // Else what is binary would come as a Blob, whose bytes come too late to keep their place in the order.
  client.binaryType = "arraybuffer";
  upstream.binaryType = "arraybuffer";
  join(client, upstream, CLOSE.goingAway, end);
  join(upstream, client, CLOSE.badGateway, end);

  const lookAgain = (): void => {
    stopWatching = timer(watch.everyMs, () => {
      watch.check().then(lookAgain, () => {
        closeSocket(client, CLOSE.policy, "credential");
        closeSocket(upstream, CLOSE.goingAway, "");
        end();
      });
    });
  };
  lookAgain();
  client.accept();
  upstream.accept();
  return over.promise;
}

/** Hands on from one side to the other. `lostCode` tells the other side of one that went without a word. */
function join(from: WebSocket, to: WebSocket, lostCode: number, end: () => void): void {
  from.addEventListener("message", ({ data }) => {
    try {
      to.send(data as string | ArrayBuffer);
    } catch {
      // The other side has closed meanwhile: what comes now has nowhere to go.
      return;
    }
    const { bufferedAmount = 0 } = to as { readonly bufferedAmount?: number };
    if (bufferedAmount <= MAX_BUFFERED_BYTES) return;
    closeSocket(to, CLOSE.tryAgainLater, "too slow");
    closeSocket(from, CLOSE.tryAgainLater, "the other side is too slow");
    end();
  });
  from.addEventListener("close", ({ code, reason }) => {
    closeSocket(to, codeToPass(code, lostCode), reason);
    end();
  });
  from.addEventListener("error", () => {
    closeSocket(to, lostCode, "");
    end();
  });
}

/** The code to close the other side with; undefined for a close without one. */
export function codeToPass(code: number, lostCode: number): number | undefined {
  if (code === CLOSE.none) return undefined;
  // These say what became of a connection, and may not be sent (RFC 6455 section 7.4.1).
  return code === CLOSE.lost || code === CLOSE.tls ? lostCode : code;
}

function closeSocket(socket: WebSocket, code: number | undefined, reason: string): void {
  try {
    if (code === undefined) socket.close();
    else socket.close(code, code === CLOSE.lost ? "" : reason);
  } catch {
    // Closed already, or a code that the runtime does not send: then it ends with the request.
  }
}
