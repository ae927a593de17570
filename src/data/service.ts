export { runRetention } from "./retention";
