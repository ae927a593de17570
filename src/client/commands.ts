import { NaruError } from "./naru-error.ts";
import { writeFrame } from "./frames.ts";
import type { ErrorData, Frame } from "./frames.ts";

/** What the server may take at most before it says something: then the answer is not awaited any longer. */
const ANSWER_WITHIN_MS = 20_000;
const MAX_TRIES = 5;

interface Command {
  readonly id: string;
  readonly type: string;
  readonly data: object;
  /** The server knows it by a `message_id`, so sending it again does nothing twice. */
  readonly isRepeatable: boolean;
  readonly resolve: (data: Frame["data"]) => void;
  readonly reject: (error: NaruError) => void;
  tries: number;
  timer: ReturnType<typeof setTimeout> | null;
}

/**
 * Commands on their way: sent at the pace that the server allows, matched with their answers, sent again after a lost line where that is
 * harmless, and rejected where it is not.
 */
export class Commands {
  readonly #pending = new Map<string, Command>();
  readonly #outbox: string[] = [];
  #write: ((text: string) => void) | null = null;
  /** The server has said `connected`: from then on commands go out. */
  #isReady = false;
  #count = 0;
  #pace = { perSecond: 20, burst: 50 };
  #tokens = 0;
  #filledAtMs = 0;
  #pump: ReturnType<typeof setTimeout> | null = null;

  /** The socket is up. */
  open(write: (text: string) => void): void {
    this.#write = write;
    // The bucket over there is full for a new socket, less the frame that made it; a little is left for pongs.
    this.#tokens = this.#pace.burst - 5;
    this.#filledAtMs = Date.now();
  }

  /** As the server told in `connected`. */
  set pace(pace: { readonly perSecond: number; readonly burst: number }) {
    this.#pace = pace;
    this.#tokens = Math.min(this.#tokens, pace.burst - 5);
  }

  /** The server has let this client in: what waited, or may be repeated, goes out. */
  begin(): void {
    this.#isReady = true;
    for (const command of this.#pending.values()) this.#send(command);
  }

  /** The socket is gone. With `isEnd` nothing is kept for another. */
  close(isEnd: boolean): void {
    this.#write = null;
    this.#isReady = false;
    this.#outbox.length = 0;
    if (this.#pump !== null) clearTimeout(this.#pump);
    this.#pump = null;
    for (const command of this.#pending.values()) {
      if (command.timer !== null) clearTimeout(command.timer);
      if (command.isRepeatable && !isEnd) continue;
      this.#pending.delete(command.id);
      command.reject(
        new NaruError("DISCONNECTED", `The line was lost before \`${command.type}\` was answered.`),
      );
    }
  }

  /** Sends a command; resolves with the data of its answer. A repeatable one waits for a socket, another one needs one. */
  ask(type: string, data: object, isRepeatable = false): Promise<Frame["data"]> {
    if (!this.#isReady && !isRepeatable)
      return Promise.reject(new NaruError("DISCONNECTED", "There is no connection."));
    return new Promise((resolve, reject) => {
      this.#count += 1;
      const id = `c-${this.#count}`;
      const command = { id, type, data, isRepeatable, resolve, reject, tries: 0, timer: null };
      this.#pending.set(id, command);
      this.#send(command);
    });
  }

  /** Sends a frame. */
  tell(type: string, requestId: string | null, data: object): void {
    this.#outbox.push(writeFrame(type, requestId, data));
    this.#drain();
  }

  /** Answers the server's ping, ahead of all that waits its turn: late, it would look as if nobody read. */
  pong(): void {
    this.#write?.(writeFrame("pong", null, {}));
    this.#tokens -= 1;
  }

  /** Takes an answer; false where it is to none of these. */
  settle({ type, request_id: id, data }: Frame): boolean {
    const command = id === null ? undefined : this.#pending.get(id);
    if (!command) return false;
    if (command.timer !== null) clearTimeout(command.timer);
    if (type === "error") this.#refused(command, data as unknown as ErrorData);
    else {
      this.#pending.delete(command.id);
      command.resolve(data);
    }
    return true;
  }

  #refused(command: Command, error: ErrorData): void {
    const waitMs = error.retry_after_ms ?? 1_000;
    if (error.temporary && command.isRepeatable && command.tries < MAX_TRIES) {
      command.timer = setTimeout(() => this.#send(command), waitMs);
      return;
    }
    this.#pending.delete(command.id);
    command.reject(
      new NaruError(error.code, error.message, { retryAfterMs: error.retry_after_ms }),
    );
  }

  #send(command: Command): void {
    if (!this.#isReady) return;
    command.tries += 1;
    if (command.timer !== null) clearTimeout(command.timer);
    command.timer = setTimeout(
      () => {
        this.#pending.delete(command.id);
        command.reject(new NaruError("TIMEOUT", `\`${command.type}\` was not answered in time.`));
      },
      ANSWER_WITHIN_MS + this.#outbox.length * 100,
    );
    this.tell(command.type, command.id, command.data);
  }

  #drain(): void {
    if (this.#write === null || this.#pump !== null) return;
    const nowMs = Date.now();
    // A tenth slower than allowed: clocks differ, and frames bunch up on their way.
    const perMs = (this.#pace.perSecond * 0.9) / 1000;
    this.#tokens = Math.min(
      this.#pace.burst - 5,
      this.#tokens + Math.max(0, nowMs - this.#filledAtMs) * perMs,
    );
    this.#filledAtMs = nowMs;
    while (this.#tokens >= 1) {
      const text = this.#outbox.shift();
      if (text === undefined) return;
      this.#tokens -= 1;
      this.#write(text);
    }
    if (this.#outbox.length === 0) return;
    this.#pump = setTimeout(
      () => {
        this.#pump = null;
        this.#drain();
      },
      Math.ceil((1 - this.#tokens) / perMs),
    );
  }
}
