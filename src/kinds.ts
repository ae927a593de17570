import { cognitiveKind, reasoningKind } from "#reasoning/kinds";
import { scrapeKind } from "#scrape/service";
import { createKindRegistry, echoKind } from "#tasks/service";

/** Every kind of task that this deployment itself serves; what runs each is named in `src/consumer.ts`. */
export const KINDS = createKindRegistry([echoKind, scrapeKind, cognitiveKind, reasoningKind]);
