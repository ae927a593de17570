import { utf8 } from "#platform/bytes";

/** An HMAC-SHA-256 key that never leaves the runtime. Import it once and keep it: an import costs as much as a signature. */
export const importHmacKey = (secret: string): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", utf8(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);

/**
 * The 32 bytes of HMAC-SHA-256 over a text. One secret serves several purposes, so every text begins with a word of its
 * purpose: what is made for one of them is then never right for another.
 */
export const hmacSha256 = async (key: CryptoKey, text: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8(text)));
