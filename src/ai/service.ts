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
export { createProvider } from "./provider";
