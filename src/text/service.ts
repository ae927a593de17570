export { findEntities } from "./core/entities";
export type { Entity } from "./core/entities";
export { findKeywords } from "./core/keywords";
export type { Keyword } from "./core/keywords";
export { MAX_TEXT_CHARS, splitSentences, summarise } from "./core/summary";
export type { Summary } from "./core/summary";
