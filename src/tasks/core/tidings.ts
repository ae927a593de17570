import type { Clock } from "#platform/clock";
import { utf8 } from "#platform/bytes";
import type { JsonValue } from "#platform/json-value";
import { cutText, MAX_LOG_LINES } from "./events";
import type { LogLevel, LogLine } from "./events";
import type { Told } from "./run-task";
import { MAX_PROGRESS_BYTES } from "./timing";

/** What a run has to tell its followers and has not told yet. Bounded: an executor that never stops talking fills no memory. */
export class Tidings {
  readonly #now: Clock;
  #progressJson: string | null = null;
  #lines: LogLine[] = [];
  #dropped = 0;
  /** Called when the first of something new is there. */
  onNews: () => void = () => undefined;

  constructor(now: Clock) {
    this.#now = now;
  }

  get hasNews(): boolean {
    return this.#progressJson !== null || this.#lines.length > 0;
  }

  /** Takes the place of an earlier one that nobody was told. One that is too large is dropped. */
  setProgress(progress: JsonValue): void {
    const json = JSON.stringify(progress);
    if (utf8(json).byteLength > MAX_PROGRESS_BYTES) return;
    const wasQuiet = !this.hasNews;
    this.#progressJson = json;
    if (wasQuiet) this.onNews();
  }

  addLine(level: LogLevel, message: string): void {
    if (this.#lines.length >= MAX_LOG_LINES) {
      this.#dropped += 1;
      return;
    }
    const wasQuiet = !this.hasNews;
    this.#lines.push({ level, message: cutText(message), atMs: this.#now() });
    if (wasQuiet) this.onNews();
  }

  take(): Told {
    const told = { progressJson: this.#progressJson, logs: this.#lines };
    if (this.#dropped > 0) {
      const message = `${this.#dropped} more lines were left out.`;
      told.logs.push({ level: "warn", message, atMs: this.#now() });
    }
    this.#progressJson = null;
    this.#lines = [];
    this.#dropped = 0;
    return told;
  }

  /** What is left at the end of a run; an empty object where there is nothing. */
  takeIfAny(): Partial<Told> {
    return this.hasNews ? this.take() : {};
  }

  /** It did not arrive: it stands before what was said since, and within the same bound. */
  putBack(told: Told): void {
    this.#progressJson ??= told.progressJson;
    const lines = [...told.logs, ...this.#lines];
    this.#lines = lines.slice(0, MAX_LOG_LINES);
    this.#dropped += lines.length - this.#lines.length;
  }
}
