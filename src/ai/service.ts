import type { ErrorCode } from "#platform/errors";

export type { Answer, Outcome } from "./core/answer";
export { EMBEDDED_MODEL } from "./core/cost";
export type { Frame, StreamFormat, StreamView } from "./core/format";
export { modelNames } from "./core/models";
export type {
  ChatMessage,
  ModelEvent,
  ModelFailure,
  ModelProvider,
  ModelRequest,
  ProviderName,
  Purpose,
  Usage,
} from "./core/port";
export type { Completion, Completions, EndedStream } from "./core/run";
export { estimatePrompt, estimateTokens } from "./core/tokens";
export { failureText } from "./frames";
export type { FailureText } from "./frames";
export { probeModel } from "./health";
export { createProvider } from "./provider";
export type { ProviderPorts } from "./provider";
export { modelError, openRun, resumeStream, runToEnd, startStream } from "./stream-client";
export type { AiEnv, OpenRun, RunSpec, WholeAnswer } from "./stream-client";

/** What a route that asks a model can answer with beside its own refusals. */
export const MODEL_ERRORS = [
  "MODEL_REQUIRED",
  "MODEL_NOT_FOUND",
  "MODEL_REFUSED",
  "MODEL_ERROR",
  "MODEL_UNAVAILABLE",
  "MODEL_RATE_LIMITED",
  "MODEL_TIMEOUT",
  "STREAM_INTERRUPTED",
] as const satisfies readonly ErrorCode[];

/** And one that answers with a stream. */
export const STREAM_ERRORS = [
  ...MODEL_ERRORS,
  "TOO_MANY_CONCURRENT",
] as const satisfies readonly ErrorCode[];
