import { describeError } from "#platform/log";
import type { ErrorCode } from "#platform/errors";
import { toTimestamp } from "#platform/clock";
import { expiryOf, withoutSubscription } from "#realtime/core/attachment";
import { FRAME_BURST, FRAMES_PER_SECOND } from "#realtime/core/bucket";
import { HEARTBEAT_S, MAX_CHANNELS, MAX_FRAME_BYTES } from "#realtime/core/frames";
import type { ClientData, ClientFrame, FrameFault } from "#realtime/core/frames";
import type { Reading } from "#realtime/core/codec";
import type { GatewayPorts, TaskFrame } from "#realtime/core/gateway-ports";
import type { Subscribing } from "./gateway-channels";
import { GatewayChannels } from "./gateway-channels";
import type { Line } from "./gateway-lines";

/** Faulty frames in a row that are answered; one more ends the line. */
const MAX_FAULTS = 10;
/** A credential is asked after again by a frame that comes so much later. */
const RECHECK_MS = 4_000;

const FAULT_CODES: Record<FrameFault["kind"], ErrorCode> = {
  malformed: "MALFORMED_FRAME",
  unknown_type: "UNKNOWN_FRAME_TYPE",
  invalid: "INVALID_FRAME",
};

/** What clients ask for by frames, each answered under its own `request_id`. */
export class GatewayCommands extends GatewayChannels {
  protected readonly ports: GatewayPorts;

  constructor(ctx: DurableObjectState, env: Env, ports: GatewayPorts) {
    super(ctx, env);
    this.ports = ports;
  }

  /** Takes a command whose size and pace have been judged. Those of one socket are taken one after the other. */
  protected readonly take = async (line: Line, reading: Reading): Promise<void> => {
    if (!reading.ok) {
      const { fault } = reading;
      line.faults += 1;
      const params = fault.kind === "invalid" ? { where: whereOf(fault.issues) } : {};
      this.refuse(line, fault.requestId, FAULT_CODES[fault.kind], { params });
      if (line.faults > MAX_FAULTS) this.end(line, "malformed");
      return;
    }
    line.faults = 0;
    const { frame, token } = reading;
    const before = line.turn;
    line.turn = (async () => {
      await before;
      try {
        if (!line.isClosing && (await this.welcome(line, frame, token)))
          await this.#handle(line, frame);
      } catch (error) {
        this.log.error("realtime.frame_failed", { type: frame.type, ...describeError(error) });
        this.refuse(line, frame.request_id, "DEPENDENCY_UNAVAILABLE", { retryAfterMs: 1_000 });
      }
    })();
    await line.turn;
  };

  /** Whether a line may ask anything yet; a class above knows protocols in which it first has to say who it is. */
  protected welcome: (line: Line, frame: ClientFrame, token?: string) => Promise<boolean> =
    async () => true;

  /** Whether a line's credential still holds, as its owner's gate says; if not, the line has been ended. */
  protected readonly check = async (line: Line): Promise<boolean> => {
    const { gate, credential } = line.attachment.identity;
    const answer = await this.env.CLIENT_GATE.getByName(gate).peek({ policies: [], credential });
    line.checkedAtMs = this.clock();
    const { role, scopes } = line.attachment.identity;
    if (answer.refusal === null) {
      const { caller } = answer;
      const isService = "kind" in credential && credential.sessionId === null;
      const roleNow = isService ? "service" : caller?.role;
      const isSame = roleNow === role && scopes.join(" ") === caller?.scopes.join(" ");
      // It may come back at once, as what it is from now on.
      if (!isSame) this.end(line, "changed");
      return isSame;
    }
    this.end(line, answer.refusal === "expired" ? "expired" : "unauthenticated");
    return false;
  };

  async #handle(line: Line, frame: ClientFrame): Promise<void> {
    if (line.isClosing) return;
    if (frame.type === "ping") return this.answer(line, "pong", frame.request_id, {});
    if (frame.type === "pong" || frame.type === "received") return this.hasRead(line);
    if (this.clock() - line.checkedAtMs > RECHECK_MS && !(await this.check(line))) return;
    const { request_id: requestId } = frame;
    switch (frame.type) {
      case "connect":
        return this.#connect(line, requestId, frame.data);
      case "subscribe": {
        const { channel, since, recover, mode, presence, must_recover } = frame.data;
        return this.subscribe(line, requestId, {
          channel,
          since: recover ?? since ?? null,
          isInAnswer: since === undefined,
          wantsLatest: mode === "latest",
          wantsPresence: presence === true,
          mustRecover: must_recover === true,
        });
      }
      case "unsubscribe": {
        const { channel } = frame.data;
        await this.leave(line, channel);
        this.remember(line, withoutSubscription(line.attachment, channel));
        return this.answer(line, "unsubscribed", requestId, { channel });
      }
      case "publish":
        return this.#publish(line, requestId, frame.data);
      case "presence":
        return this.#presence(line, requestId, frame.data.channel);
      case "history":
        return this.#history(line, requestId, frame.data);
      case "refresh":
        return this.#refresh(line, requestId, frame.data.token);
      case "task.submit":
      case "task.cancel":
        return this.#tasks(line, frame);
    }
  }

  async #connect(line: Line, requestId: string | null, data: ClientData["connect"]): Promise<void> {
    this.remember(line, { ...line.attachment, isFluent: true });
    const expiresAtMs = expiryOf(line.attachment.identity);
    this.answer(line, "connected", requestId, {
      connection_id: line.attachment.id,
      user_id: line.attachment.identity.ownerId,
      expires_at: expiresAtMs === Infinity ? null : toTimestamp(expiresAtMs),
      heartbeat_s: HEARTBEAT_S,
      limits: {
        frame_bytes: MAX_FRAME_BYTES,
        channels: MAX_CHANNELS,
        frames_per_second: FRAMES_PER_SECOND,
        burst: FRAME_BURST,
      },
    });
    for (const { channel, epoch, offset, mode, presence } of data.subs) {
      const wish: Subscribing = {
        channel,
        since: epoch === undefined || offset === undefined ? null : { epoch, offset },
        isInAnswer: true,
        wantsLatest: mode === "latest",
        wantsPresence: presence === true,
        mustRecover: false,
      };
      // One channel that can't be asked keeps none of the others waiting.
      await this.subscribe(line, requestId, wish).catch((error: unknown) => {
        this.log.warn("realtime.join_failed", describeError(error));
        const more = { retryAfterMs: 1_000, data: { channel } };
        this.refuse(line, requestId, "DEPENDENCY_UNAVAILABLE", more);
      });
    }
  }

  async #publish(line: Line, requestId: string | null, data: ClientData["publish"]): Promise<void> {
    const channel = await this.enter(line, requestId, data.channel, "publish");
    if (channel === null) return;
    if (this.isReserved(data.event)) {
      this.refuse(line, requestId, "CHANNEL_FORBIDDEN", { data: { channel: channel.name } });
      return;
    }
    const { ownerId } = line.attachment.identity;
    const { offset, isDuplicate } = await this.channelOf(channel.name).publish({
      channel: channel.name,
      event: data.event,
      payloadJson: JSON.stringify(data.payload),
      messageId: data.message_id ?? null,
      publisher: ownerId,
      cause: null,
    });
    const duplicate = isDuplicate && { duplicate: true };
    this.answer(line, "ack", requestId, { channel: channel.name, offset, ...duplicate });
  }

  async #presence(line: Line, requestId: string | null, name: string): Promise<void> {
    const channel = await this.enter(line, requestId, name, "subscribe");
    if (channel === null) return;
    const { members, count } = await this.channelOf(channel.name).presence(channel.name);
    const listed = members.map(({ user_id, since_ms, connection_id }) => ({
      user_id,
      connection_id,
      since: toTimestamp(since_ms),
    }));
    this.answer(line, "presence", requestId, { channel: channel.name, members: listed, count });
  }

  async #history(line: Line, requestId: string | null, data: ClientData["history"]): Promise<void> {
    const channel = await this.enter(line, requestId, data.channel, "subscribe");
    if (channel === null) return;
    const { name } = channel;
    const { events, ...place } = await this.channelOf(name).history(
      name,
      data.since ?? null,
      data.limit,
      data.order ?? null,
    );
    const parsed = events.map((event) => JSON.parse(event.dataJson) as unknown);
    this.answer(line, "history", requestId, { channel: name, ...place, events: parsed });
  }

  async #refresh(line: Line, requestId: string | null, token: string): Promise<void> {
    const { identity } = line.attachment;
    const fresh = await this.ports.readToken(token, identity);
    // Another person's token would carry this person's channels over to them.
    if (fresh === null || fresh.ownerId !== identity.ownerId) {
      this.refuse(line, requestId, "INVALID_TOKEN");
      return;
    }
    this.remember(line, { ...line.attachment, identity: fresh });
    if (!(await this.check(line))) return;
    this.arm();
    this.answer(line, "refreshed", requestId, { expires_at: toTimestamp(expiryOf(fresh)) });
  }

  async #tasks(line: Line, frame: TaskFrame): Promise<void> {
    const { request_id: requestId } = frame;
    const isSubmission = frame.type === "task.submit";
    if (isSubmission && line.attachment.subscriptions.length >= MAX_CHANNELS) {
      this.refuse(line, requestId, "TOO_MANY_CHANNELS", { params: { max: MAX_CHANNELS } });
      return;
    }
    const answer = await this.ports.tasks(frame, line.attachment.identity);
    if (!answer.ok) {
      const { code, params, errors, retryAfterMs } = answer;
      const retry = retryAfterMs === undefined ? {} : { retryAfterMs };
      this.refuse(line, requestId, code, { params, ...retry, ...(errors && { data: { errors } }) });
      return;
    }
    const { taskId, status } = answer;
    const channel = `task:${taskId}`;
    this.answer(line, "ack", requestId, { task_id: taskId, status, channel });
    // Whoever submits follows: everything from the first state on comes by itself.
    if (isSubmission)
      await this.subscribe(line, null, {
        channel,
        since: null,
        isInAnswer: false,
        wantsLatest: false,
        wantsPresence: false,
        mustRecover: false,
      });
  }

  /** Sees to it that the alarm comes in time; the class that knows all that is due replaces it. */
  protected arm: () => void = () => undefined;
}

/** The first fault of a frame's data, as a JSON pointer (RFC 6901) into the frame. */
const whereOf = (issues: readonly { readonly path: readonly PropertyKey[] }[]): string =>
  `/data${(issues[0]?.path ?? []).map((part) => `/${String(part)}`).join("")}`;
