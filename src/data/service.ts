import { ERASURE_STEPS } from "./core/erasure";

export { createErasurePorts, eraseOwner } from "./erase";
export { exportOwner } from "./export";
export { runRetention } from "./retention";

/** What is still to be done when an erasure is answered. */
export const UNDER_WAY = ERASURE_STEPS.filter(
  (step) => !["close", "forget", "finish"].includes(step),
);
