import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "#http/context";

/**
 * What every answer says to a browser (OWASP REST Security and Secure Headers projects). The answers are
 * data: nothing may run, load, frame or be framed. Pages for people bring a policy of their own.
 */
const HEADERS: readonly (readonly [name: string, value: string])[] = [
  ["Strict-Transport-Security", "max-age=63072000; includeSubDomains"],
  ["X-Content-Type-Options", "nosniff"],
  ["X-Frame-Options", "DENY"],
  ["Referrer-Policy", "no-referrer"],
  ["Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"],
  ["Cross-Origin-Opener-Policy", "same-origin"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
  ["X-Permitted-Cross-Domain-Policies", "none"],
];

export const DATA_POLICY =
  "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** What speaks for the whole origin, or of how bytes are taken: on no answer is it another's to say. */
const ALWAYS_OURS: ReadonlySet<string> = new Set([
  "Strict-Transport-Security",
  "X-Content-Type-Options",
]);

/**
 * Sets the security headers on every answer, errors included; a header that the handler chose stays. An upstream's answer
 * keeps what it says of its own content.
 */
export const securityHeaders: MiddlewareHandler<AppEnv> = async function setSecurityHeaders(
  c,
  next,
) {
  await next();
  if (c.res.status === 101) return;
  const { headers } = c.res;
  // Answers depend on the credential: what may be kept says so itself.
  if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-store");
  if (!c.get("config").securityHeaders) return;
  const isForwarded = c.get("isForwarded") === true;
  for (const [name, value] of HEADERS)
    if (!isForwarded || ALWAYS_OURS.has(name) || !headers.has(name)) headers.set(name, value);
  if (!headers.has("Content-Security-Policy")) headers.set("Content-Security-Policy", DATA_POLICY);
};
