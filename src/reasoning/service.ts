export { createCognitiveExecutor, createReasoningExecutor } from "./executor";
