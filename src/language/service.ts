export { detectLanguage } from "./core/detect";
export type { DetectedLanguage } from "./core/detect";
