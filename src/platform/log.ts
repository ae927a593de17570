/**
 * One JSON line per event, and the only file that writes to the console.
 * Callers pass fields that they chose one by one: nothing here walks a request, a header list or an
 * error object, so a credential cannot reach a line by accident. What a field holds all the same, since a vendor's message
 * says more than it should, is taken out on the last step. The request and the trace that a line belongs to are in it by themselves.
 */
import { correlation } from "#platform/correlation";
import { isSecretName, REDACTED, redactId, redactText } from "#platform/redact";
import { newTrace, traceIdOf } from "#platform/trace-context";

export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Record<string, string | number | boolean | null | undefined>;

const ORDER: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

export interface Logger {
  readonly debug: (event: string, fields?: LogFields) => void;
  readonly info: (event: string, fields?: LogFields) => void;
  readonly warn: (event: string, fields?: LogFields) => void;
  readonly error: (event: string, fields?: LogFields) => void;
}

/** Secrets that are known by their text, as JSON writes it: those of the settings, which every isolate reads before it serves. */
const hidden = new Set<string>();
/** A shorter one would be found in texts that have nothing to do with it. */
const MIN_HIDDEN_CHARS = 12;
const MAX_HIDDEN = 64;

/** Keeps these texts out of every line from here on. Short ones are passed over. */
export function hideSecrets(secrets: Iterable<string>): void {
  for (const secret of secrets)
    if (secret.length >= MIN_HIDDEN_CHARS && hidden.size < MAX_HIDDEN)
      hidden.add(JSON.stringify(secret).slice(1, -1));
}

/** A logger that drops what is below `level`. `write` is a parameter for tests. */
export function createLogger(
  level: LogLevel,
  write: (line: string, level: LogLevel) => void = writeToConsole,
): Logger {
  const at =
    (own: LogLevel) =>
    (event: string, fields: LogFields = {}): void => {
      if (ORDER[own] < ORDER[level]) return;
      write(lineOf(own, event, fields), own);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** What of an unknown failure may stand in a log line: its name and message, cut, never its stack. */
export function describeError(error: unknown): LogFields {
  if (error instanceof Error)
    return { error_name: error.name, error_message: error.message.slice(0, 300) };
  return { error_name: "unknown", error_message: String(error).slice(0, 300) };
}

function lineOf(level: LogLevel, event: string, fields: LogFields): string {
  const line: LogFields = { timestamp: new Date().toISOString(), level, event };
  const of = correlation();
  if (of?.requestId !== undefined) line["request_id"] = redactId(of.requestId);
  // What no request led to is a trace of its own, if only of one line: every line has one to be found by.
  line["trace_id"] = traceIdOf(of?.traceparent ?? newTrace());
  if (of?.taskId !== undefined) line["task_id"] = of.taskId;
  for (const name in fields) {
    const value = fields[name];
    if (value === undefined) continue;
    if (typeof value !== "string") line[name] = value;
    else line[name] = isSecretName(name) ? REDACTED : redactText(value);
  }
  let text = JSON.stringify(line);
  for (const secret of hidden) if (text.includes(secret)) text = text.replaceAll(secret, REDACTED);
  return text;
}

function writeToConsole(line: string, level: LogLevel): void {
  if (level === "error") console.error(line);
  else if (level === "warn") console.warn(line);
  else console.log(line);
}
