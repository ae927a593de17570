import { utf8 } from "#platform/bytes";

/**
 * Signatures as the Standard Webhooks specification describes them (github.com/standard-webhooks/standard-webhooks,
 * spec/standard-webhooks.md, "Verifying webhook authenticity"), so that receivers verify with a library that exists for their language.
 */
const SECRET_PREFIX = "whsec_";
/** The specification allows 24 to 64 bytes; the size of the hash is what HMAC makes full use of (RFC 2104 section 3). */
export const WEBHOOK_SECRET_BYTES = 32;

export interface WebhookMessage {
  /** The same at every attempt, so that a receiver recognises a repetition. Holds no full stop. */
  readonly id: string;
  /** Of the attempt, in milliseconds; sent in whole seconds. Receivers refuse what is minutes off their own clock. */
  readonly atMs: number;
  /** Exactly the text that is sent. */
  readonly body: string;
}

/** A secret in the form that receivers' libraries take: `whsec_` and base64. */
export const webhookSecret = (bytes: Uint8Array): string => SECRET_PREFIX + toBase64(bytes);

/**
 * The three headers of a delivery. Several secrets make several signatures, and a receiver that knows any of the secrets accepts: this is
 * how a secret is rotated without a delivery lost. Throws for what is no secret.
 */
export async function webhookHeaders(
  secrets: readonly string[],
  { id, atMs, body }: WebhookMessage,
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(atMs / 1000));
  const signed = utf8(`${id}.${timestamp}.${body}`);
  const signatures = await Promise.all(secrets.map((secret) => sign(secret, signed)));
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.map((signature) => `v1,${signature}`).join(" "),
  };
}

async function sign(secret: string, signed: Uint8Array<ArrayBuffer>): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", bytesOf(secret), algorithm, false, ["sign"]);
  return toBase64(new Uint8Array(await crypto.subtle.sign("HMAC", key, signed)));
}

function bytesOf(secret: string): Uint8Array<ArrayBuffer> {
  if (!secret.startsWith(SECRET_PREFIX)) throw new Error("A webhook secret begins with whsec_.");
  return Uint8Array.from(atob(secret.slice(SECRET_PREFIX.length)), (char) => char.charCodeAt(0));
}

/** RFC 4648 section 4, with padding: what the specification names for secrets and signatures. */
function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
