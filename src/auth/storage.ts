/** What the objects of this domain store: an Account's sessions, and a gate's part of them. */
export { AccountStorage } from "./storage-account";
export type { Device, SessionRecord } from "./storage-account";
export { GateSessions, LoginGate, MAX_SESSIONS } from "./storage-gate";
export type { LoginOutcome, LoginVerdict } from "./storage-gate";
export { ExpectedChanges } from "./storage-changes";
export type { ExpectedChange } from "./storage-changes";
