import { readConfig } from "#platform/config";
import { isGuest } from "#realtime/core/attachment";
import { takeToken } from "#realtime/core/bucket";
import type { ClientFrame } from "#realtime/core/frames";
import { gatewayNameOf } from "#realtime/core/gateway-name";
import { GatewayCommands } from "./gateway-commands";
import { codecOf } from "#realtime/core/line";
import type { Line } from "#realtime/core/line";

/** Guests wait here for no longer than seconds; more of them at once than this are strangers who fill the place. */
export const MAX_GUESTS = 1_000;
/** A line that was asked for a sign of life has so long to give it. */
const PONG_MS = 30_000;

/**
 * Sockets that speak Centrifugo's protocol. They may come in as guests, who say by their first command who they are; such a socket is held by a gateway that is
 * not its owner's own, so the owner's gate is told where else to ring when something is revoked.
 */
export class GatewayGuests extends GatewayCommands {
  /** Takes a frame of commands. Each counts, and each that is one too many is refused by its own name. */
  protected readonly takeCommands = async (line: Line, message: string): Promise<void> => {
    for (const reading of codecOf(line).read(message)) {
      if (line.isClosing) return;
      const { bucket, isAllowed, isFlood, retryAfterMs } = takeToken(line.bucket, this.clock());
      line.bucket = bucket;
      const id = reading.ok ? reading.frame.request_id : reading.fault.requestId;
      if (isFlood) this.end(line, "flood");
      else if (!isAllowed)
        this.refuse(line, id, "RATE_LIMITED", { params: { policy: "socket" }, retryAfterMs });
      // What has no id can't be refused by a reply.
      else if (!reading.ok && id === null) this.end(line, "malformed");
      else await this.take(line, reading);
    }
  };

  protected override readonly welcome = async (
    line: Line,
    frame: ClientFrame,
    token?: string,
  ): Promise<boolean> => {
    const { protocol, isFluent, askedAtMs: _asked, ...attachment } = line.attachment;
    if (protocol === undefined) return true;
    if (frame.type === "pong") {
      this.remember(line, { ...attachment, protocol, isFluent });
      return true;
    }
    // The first command is `connect`, and there is one.
    if (isFluent === (frame.type === "connect")) {
      this.end(line, "malformed");
      return false;
    }
    if (isFluent || (token === undefined && !isGuest(attachment.identity))) return true;
    return this.#admit(line, frame, token ?? "");
  };

  /** Asks a socket that speaks another protocol for a sign of life; true where it owes one already. */
  protected readonly isMute = (line: Line, nowMs: number): boolean => {
    const { protocol, askedAtMs, isFluent } = line.attachment;
    if (protocol === undefined || !isFluent) return false;
    if (askedAtMs !== undefined) return nowMs - askedAtMs > PONG_MS;
    this.remember(line, { ...line.attachment, askedAtMs: nowMs });
    this.answer(line, "ping", null, {});
    return false;
  };

  protected readonly hasRoomForGuests = (): boolean =>
    [...this.lines.values()].filter(({ attachment }) => isGuest(attachment.identity)).length <
    MAX_GUESTS;

  async #admit(line: Line, frame: ClientFrame, token: string): Promise<boolean> {
    const { identity: before, address = "" } = line.attachment;
    const admission = await this.ports.admit(token, before, address);
    if (!admission.ok) {
      // A client that can get itself a new token does so after this error; any other stays away.
      if (admission.isExpired) this.refuse(line, frame.request_id, "INVALID_TOKEN");
      else this.end(line, "unauthenticated");
      return false;
    }
    const { identity } = admission;
    if (!isGuest(before) && before.ownerId !== identity.ownerId) {
      this.end(line, "unauthenticated");
      return false;
    }
    this.remember(line, { ...line.attachment, identity });
    this.arm();
    const here = this.ctx.id.name ?? "";
    if (here !== gatewayNameOf(identity.ownerId, readConfig(this.env).realtimeGateways))
      await this.env.CLIENT_GATE.getByName(identity.gate).noteSockets(here);
    // What was revoked before the gate knew of this gateway is seen here, what comes later is rung for.
    return this.check(line);
  }
}
