import { DurableObject } from "cloudflare:workers";
import { systemClock } from "#platform/clock";
import type { Clock } from "#platform/clock";
import { readConfig } from "#platform/config";
import type { ErrorCode } from "#platform/errors";
import { createLogger } from "#platform/log";
import { count } from "#platform/meter";
import { tellPulse } from "#platform/meter-flush";
import { SingleAlarm } from "#platform/single-alarm";
import { traceIdOf } from "#platform/trace-context";
import { expiryOf } from "#realtime/core/attachment";
import type { Attachment } from "#realtime/core/attachment";
import { countAnswered, countSent } from "#realtime/core/backpressure";
import { codecFor } from "#realtime/core/codecs";
import type { CloseCause } from "#realtime/core/codes";
import { PING_TEXT, PONG_TEXT } from "#realtime/core/frames";
import { GatewayIndex } from "#realtime/core/gateway-index";
import { codecOf, farewell, newLine, refusalData } from "#realtime/core/line";
import type { Line, RefusalDetails } from "#realtime/core/line";
import {
  packAttachment,
  protocolOfForeign,
  unpackAttachment,
} from "#realtime/core/packed-attachment";

/** Sockets, what is sent to them and how they end. What the classes above share are fields, which no call from outside reaches. */
export class GatewayLines extends DurableObject<Env> {
  /** Own fields are out of reach over RPC: tests set the clock. */
  clock: Clock = systemClock;
  protected readonly log = createLogger(readConfig(this.env).logLevel);
  protected readonly index = new GatewayIndex<WebSocket>();
  protected readonly lines = new Map<WebSocket, Line>();
  protected readonly alarms = new SingleAlarm(
    (atMs) => void this.ctx.storage.setAlarm(atMs),
    () => void this.ctx.storage.deleteAlarm(),
  );

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING_TEXT, PONG_TEXT));
    for (const socket of ctx.getWebSockets()) {
      const attachment = unpackAttachment(socket.deserializeAttachment());
      if (attachment === null) {
        this.#turnAway(socket);
        continue;
      }
      this.hold(socket, attachment);
      for (const { channel, wantsPresence } of attachment.subscriptions)
        this.index.restore(channel, socket, { wantsPresence, from: 0 });
    }
    void ctx.blockConcurrencyWhile(async () => {
      const standsAtMs = await ctx.storage.getAlarm();
      if (standsAtMs !== null) this.alarms.resume(standsAtMs);
    });
  }

  /** A socket that another release let in: who it is can't be read, so its client is to come back at once. */
  #turnAway(socket: WebSocket): void {
    const codec = codecFor(protocolOfForeign(socket.deserializeAttachment()));
    const { code, reason, data } = farewell(codec, "restart");
    const text = codec.write("goodbye", null, data, this.clock());
    try {
      if (text !== null) socket.send(text);
      socket.close(code, reason);
    } catch {
      // It has ended by itself.
    }
  }

  protected readonly hold = (socket: WebSocket, attachment: Attachment): Line => {
    const line = newLine(socket, attachment, this.clock());
    this.lines.set(socket, line);
    return line;
  };

  protected readonly remember = (line: Line, attachment: Attachment): void => {
    line.attachment = attachment;
    line.socket.serializeAttachment(packAttachment(attachment));
  };

  /** Sends a frame of so many bytes, unless its reader is too far behind: then the line ends, and the reader resumes by offset. */
  protected readonly send = (line: Line, text: string, bytes = text.length): void => {
    if (line.isClosing) return;
    const buffered = (line.socket as { bufferedAmount?: number }).bufferedAmount;
    const { outflow, verdict } = countSent(line.outflow, bytes, buffered);
    line.outflow = outflow;
    if (verdict === "slow") {
      this.end(line, "slow");
      return;
    }
    this.#write(line, text);
    if (verdict === "ask") this.#tell(line, "ping", {});
  };

  protected readonly answer = (
    line: Line,
    type: string,
    requestId: string | null,
    data: object,
  ): void => {
    const text = codecOf(line).write(type, requestId, data, this.clock());
    if (text !== null) this.send(line, text);
  };

  protected readonly refuse = (
    line: Line,
    requestId: string | null,
    code: ErrorCode,
    more: RefusalDetails = {},
  ): void => {
    const policy = code === "RATE_LIMITED" ? more.params?.["policy"] : undefined;
    if (policy !== undefined) {
      count("naru_rate_limited_total", { policy: String(policy) });
      tellPulse(this.ctx, this.env);
    }
    this.answer(line, "error", requestId, refusalData(line, code, more));
  };

  /** The reader has answered the server's ping, or shown in another way that it reads. */
  protected readonly hasRead = (line: Line): void => {
    line.outflow = countAnswered(line.outflow);
  };

  /** Says goodbye and closes. Its channels are left when the runtime tells that it is closed, or here where it never will. */
  protected readonly end = (line: Line, cause: CloseCause): void => {
    if (line.isClosing) return;
    line.isClosing = true;
    const { code, reason, data } = farewell(codecOf(line), cause);
    this.#tell(line, "goodbye", data);
    try {
      line.socket.close(code, reason);
    } catch {
      // Closed by the other side in the same moment.
    }
    const { id, identity } = line.attachment;
    this.log.info("realtime.closed", {
      cause,
      connection_id: id,
      trace_id: traceIdOf(identity.traceparent),
    });
    this.gone(line);
  };

  /** What is to be tidied up after a line that has ended; the class that knows its channels replaces it. */
  protected gone: (line: Line) => void = (line) => {
    this.lines.delete(line.socket);
  };

  /** When a line is due to be looked at: its credential's end. */
  protected readonly nextExpiryMs = (): number =>
    Math.min(
      Infinity,
      ...[...this.lines.values()].map(({ attachment }) => expiryOf(attachment.identity)),
    );

  /** Says something beside what is counted. */
  #tell(line: Line, type: string, data: object): void {
    const text = codecOf(line).write(type, null, data, this.clock());
    if (text !== null) this.#write(line, text);
  }

  #write(line: Line, text: string): void {
    try {
      line.socket.send(text);
    } catch {
      // It ended without our hearing of it yet.
      if (!line.isClosing) this.gone(line);
    }
  }
}
