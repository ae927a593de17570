import { correlated } from "#platform/correlation";
import { describeError } from "#platform/log";
import { traceIdOf } from "#platform/trace-context";
import type { ErrorCode } from "#platform/errors";
import { toTimestamp } from "#platform/clock";
import { connectedData, expiryOf, withoutSubscription } from "#realtime/core/attachment";
import type { ClientData, ClientFrame, FrameFault } from "#realtime/core/frames";
import type { Reading } from "#realtime/core/codec";
import { wishAgain, wishOf } from "#realtime/core/joining";
import { GatewayQuestions } from "./gateway-questions";
import type { Line } from "#realtime/core/line";

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
export class GatewayCommands extends GatewayQuestions {
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
          // What a socket asks for belongs to the trace of the request that opened it.
          await correlated({ traceparent: line.attachment.identity.traceparent }, () =>
            this.#handle(line, frame),
          );
      } catch (error) {
        this.log.error("realtime.frame_failed", {
          type: frame.type,
          trace_id: traceIdOf(line.attachment.identity.traceparent),
          ...describeError(error),
        });
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
        const { channel } = frame.data;
        return this.subscribe(line, requestId, channel, wishOf(frame.data));
      }
      case "unsubscribe": {
        const { channel } = frame.data;
        await this.leave(line, channel);
        this.remember(line, withoutSubscription(line.attachment, channel));
        return this.answer(line, "unsubscribed", requestId, { channel });
      }
      case "publish":
        return this.publish(line, requestId, frame.data);
      case "presence":
        return this.presence(line, requestId, frame.data.channel);
      case "history":
        return this.history(line, requestId, frame.data);
      case "refresh":
        return this.#refresh(line, requestId, frame.data.token);
      case "task.submit":
      case "task.cancel":
        return this.tasks(line, frame);
    }
  }

  async #connect(line: Line, requestId: string | null, data: ClientData["connect"]): Promise<void> {
    this.remember(line, { ...line.attachment, isFluent: true });
    this.answer(line, "connected", requestId, connectedData(line.attachment));
    for (const sub of data.subs) {
      const { channel } = sub;
      // One channel that can't be asked keeps none of the others waiting.
      await this.subscribe(line, requestId, channel, wishAgain(sub)).catch((error: unknown) => {
        this.log.warn("realtime.join_failed", describeError(error));
        const more = { retryAfterMs: 1_000, data: { channel } };
        this.refuse(line, requestId, "DEPENDENCY_UNAVAILABLE", more);
      });
    }
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

  /** Sees to it that the alarm comes in time; the class that knows all that is due replaces it. */
  protected arm: () => void = () => undefined;
}

/** The first fault of a frame's data, as a JSON pointer (RFC 6901) into the frame. */
const whereOf = (issues: readonly { readonly path: readonly PropertyKey[] }[]): string =>
  `/data${(issues[0]?.path ?? []).map((part) => `/${String(part)}`).join("")}`;
