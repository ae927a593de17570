import type { SocketIdentity } from "#realtime/core/attachment";
import { CENTRIFUGE_HEADER, expiryOf, IDENTITY_HEADER, isGuest } from "#realtime/core/attachment";
import { takeToken } from "#realtime/core/bucket";
import { MAX_FRAME_BYTES } from "#realtime/core/frames";
import { utf8 } from "#platform/bytes";
import { newId } from "#platform/ids";
import { inOwnTrace } from "#platform/correlation";
import { describeError } from "#platform/log";
import { TicketStorage } from "#realtime/storage";
import { GatewayGuests } from "./gateway-guests";
import { codecOf, SILENCE_MS } from "#realtime/core/line";
import type { Line } from "#realtime/core/line";

const SUBPROTOCOL = "naru.v1";
const SWEEP_MS = 60_000;

/**
 * Holds the sockets of some clients, all of a client's at one gateway. It sleeps while nothing happens; what a socket takes part in stands in
 * its attachment. All a gateway knows can be made anew from the attachments and the channels.
 */
export class GatewayObject extends GatewayGuests {
  readonly #tickets = new TicketStorage(this.ctx.storage);

  /** Keeps who may come in with a ticket, once, until the time given. */
  putTicket(ticket: string, identity: SocketIdentity, untilMs: number): void {
    this.#tickets.put(ticket, identity, untilMs, this.clock());
    // One that nobody takes goes too, with whom it names.
    this.arm();
  }

  /** Takes a ticket: who it is of, or null where it was used, has run out or never was. */
  takeTicket(ticket: string): SocketIdentity | null {
    return this.#tickets.take(ticket, this.clock());
  }

  /** Lets a socket in. The Worker has made sure of who it is and that the request asks for a WebSocket. */
  override fetch(request: Request): Response {
    const identity = JSON.parse(request.headers.get(IDENTITY_HEADER) ?? "null") as SocketIdentity;
    const address = request.headers.get(CENTRIFUGE_HEADER);
    if (isGuest(identity) && !this.hasRoomForGuests()) return new Response(null, { status: 503 });
    const { 0: client, 1: server } = new WebSocketPair();
    const nowMs = this.clock();
    this.ctx.acceptWebSocket(server);
    const line = this.hold(server, {
      id: newId("con", nowMs),
      identity,
      isFluent: false,
      subscriptions: [],
      ...(address !== null && { protocol: "centrifuge", address }),
    });
    this.remember(line, line.attachment);
    this.alarms.atLatest(Math.min(expiryOf(identity), nowMs + SILENCE_MS));
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: address === null ? { "Sec-WebSocket-Protocol": SUBPROTOCOL } : {},
    });
  }

  /** How many sockets are open here. */
  connections(): number {
    return this.ctx.getWebSockets().length;
  }

  /** Something of this owner was revoked: every socket of theirs whose credential no longer holds ends. Gives how many stay. */
  async recheck(ownerId: string): Promise<number> {
    const theirs = [...this.lines.values()].filter(
      ({ attachment }) => attachment.identity.ownerId === ownerId,
    );
    const still = await Promise.all(theirs.map((line) => this.check(line)));
    return still.filter(Boolean).length;
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const line = this.lines.get(socket);
    if (!line || line.isClosing) return;
    if (typeof message !== "string") {
      this.end(line, "binary");
      return;
    }
    // A character is a byte at least, so the cheap look comes first.
    if (message.length > MAX_FRAME_BYTES || utf8(message).byteLength > MAX_FRAME_BYTES) {
      this.refuse(line, null, "FRAME_TOO_LARGE", { params: { max: MAX_FRAME_BYTES } });
      this.end(line, "tooLarge");
      return;
    }
    if (line.attachment.protocol !== undefined) return this.takeCommands(line, message);
    const { bucket, isAllowed, isFlood, retryAfterMs } = takeToken(line.bucket, this.clock());
    line.bucket = bucket;
    if (isFlood) this.end(line, "flood");
    else if (!isAllowed)
      this.refuse(line, null, "RATE_LIMITED", { params: { policy: "socket" }, retryAfterMs });
    else for (const reading of codecOf(line).read(message)) await this.take(line, reading);
  }

  override webSocketClose(socket: WebSocket): void {
    this.webSocketError(socket);
    try {
      // A close that nobody answers leaves the client waiting for its own timeout (RFC 6455 section 7.1.2).
      socket.close(1000);
    } catch {
      // It was answered already.
    }
  }

  override webSocketError(socket: WebSocket): void {
    const line = this.lines.get(socket);
    if (line) this.gone(line);
  }

  override alarm(): Promise<void> {
    return inOwnTrace(() => this.#wakeUp());
  }

  async #wakeUp(): Promise<void> {
    this.alarms.fired(this.clock() + SWEEP_MS);
    const nowMs = this.clock();
    this.#tickets.prune(nowMs);
    for (const line of this.lines.values()) {
      const { identity } = line.attachment;
      if (expiryOf(identity) <= nowMs) this.end(line, isGuest(identity) ? "stale" : "expired");
      else if (this.#isSilent(line, nowMs) || this.isMute(line, nowMs)) this.end(line, "silent");
      else await this.#renew(line);
    }
    this.alarms.handled(this.#nextSweepMs());
  }

  protected override arm = (): void => {
    this.alarms.atLatest(this.#nextSweepMs());
  };

  /** Sleeping sockets are looked at seldom: each look wakes the object. */
  #nextSweepMs(): number {
    const hasLines = this.lines.size > 0;
    return Math.min(
      this.nextExpiryMs(),
      this.#tickets.nextEndMs() ?? Infinity,
      hasLines ? this.clock() + SILENCE_MS : Infinity,
    );
  }

  /** What an open socket of an owner's own channel is told of, for another while. Lets no error out: it is looked at again. */
  async #renew({ attachment }: Line): Promise<void> {
    const { ownerId } = attachment.identity;
    if (!attachment.subscriptions.some(({ channel }) => channel === `user:${ownerId}`)) return;
    await this.watchTasks(ownerId).catch((error: unknown) => {
      this.log.warn("realtime.watch_failed", describeError(error));
    });
  }

  /** Only who has pinged once is expected to go on: plain clients that never do are told dead by the network alone. */
  #isSilent({ socket }: Line, nowMs: number): boolean {
    const pingedAt = this.ctx.getWebSocketAutoResponseTimestamp(socket);
    return pingedAt !== null && nowMs - pingedAt.getTime() > SILENCE_MS;
  }
}
