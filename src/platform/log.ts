/**
 * One JSON line per event, and the only file that writes to the console.
 * Callers pass fields that they chose one by one: nothing here walks a request, a header list or an
 * error object, so a credential cannot reach a line by accident.
 */
export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Record<string, string | number | boolean | null | undefined>;

const ORDER: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

export interface Logger {
  readonly debug: (event: string, fields?: LogFields) => void;
  readonly info: (event: string, fields?: LogFields) => void;
  readonly warn: (event: string, fields?: LogFields) => void;
  readonly error: (event: string, fields?: LogFields) => void;
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
      write(
        JSON.stringify({ timestamp: new Date().toISOString(), level: own, event, ...fields }),
        own,
      );
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** What of an unknown failure may stand in a log line: its name and message, cut, never its stack. */
export function describeError(error: unknown): LogFields {
  if (error instanceof Error)
    return { error_name: error.name, error_message: error.message.slice(0, 300) };
  return { error_name: "unknown", error_message: String(error).slice(0, 300) };
}

function writeToConsole(line: string, level: LogLevel): void {
  if (level === "error") console.error(line);
  else if (level === "warn") console.warn(line);
  else console.log(line);
}
