export { openAiFormat } from "./wire";
