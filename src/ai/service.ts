export type { Answer, Outcome } from "./core/answer";
export type { Frame, StreamFormat, StreamFormats, StreamView } from "./core/format";
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
export { createProvider } from "./provider";
export type { ProviderPorts } from "./provider";
