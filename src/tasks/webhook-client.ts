import { openOutside } from "#egress/service";
import type { Egress } from "#egress/service";
import { retryAfterMs } from "#platform/retry-after";
import { DELIVERY_TIMEOUT_MS } from "./core/delivery";
import type { DeliveryOutcome } from "./core/delivery";
import type { DeliveryAssignment } from "./core/delivery-desk";

/**
 * Makes one attempt and says what became of it; never throws for what the outside may do. The address is judged again, whatever the submit
 * said of it: what its name resolves to may have changed. A redirect is not followed, and the answer's body is not read: only the status counts,
 * so a receiver can neither hold a sender with a slow body nor feed it one.
 */
export async function sendDelivery(
  egress: Egress,
  assignment: DeliveryAssignment,
): Promise<DeliveryOutcome> {
  const startedAtMs = egress.clock();
  const answer = await openOutside(egress, {
    url: assignment.url,
    method: "POST",
    headers: { "content-type": "application/json", ...assignment.headers },
    body: assignment.body,
    trust: "user",
    // Of a body that is not read; a long one is no fault.
    maxBytes: Number.MAX_SAFE_INTEGER,
    timeoutMs: DELIVERY_TIMEOUT_MS,
    maxRedirects: 0,
    traceparent: assignment.traceparent,
  });
  const nowMs = egress.clock();
  const durationMs = Math.max(0, nowMs - startedAtMs);
  if (!answer.ok) return { durationMs, statusCode: null, code: answer.error.code, retryAfterMs: 0 };
  const { status: statusCode, headers, body } = answer.value;
  await body.cancel().catch(() => undefined);
  const askedMs = retryAfterMs(headers.get("retry-after"), nowMs) ?? 0;
  return { durationMs, statusCode, code: null, retryAfterMs: askedMs };
}
