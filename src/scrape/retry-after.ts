export { retryAfterMs } from "#platform/retry-after";
