import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";

/** What a client says of itself; whether it is true takes a look at what is stored. */
export interface ShownClient {
  readonly clientId: string;
  readonly secret: string;
  readonly method: "client_secret_basic" | "client_secret_post";
}

export interface ShownAuthentication {
  readonly authorization: string | undefined;
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
}

/** `malformed`: a Basic header that is none. `conflicting`: more than one way at a time, which RFC 6749 section 2.3 forbids. */
export type AuthenticationFault = "malformed" | "conflicting";

const BASIC = /^basic +([a-z0-9+/]+={0,2})$/i;

/**
 * How a client authenticates (RFC 6749 section 2.3.1): in the Authorization header or in the form, never both. Null
 * where it shows no secret. A `client_id` beside the header has to name the same client.
 */
export function readClientAuthentication(
  shown: ShownAuthentication,
): Result<ShownClient | null, AuthenticationFault> {
  const header = shown.authorization?.trim() ?? "";
  if (header === "") {
    if (shown.clientSecret === undefined) return ok(null);
    if (shown.clientId === undefined) return err("malformed");
    const { clientId, clientSecret: secret } = shown;
    return ok({ clientId, secret, method: "client_secret_post" });
  }
  const client = readBasic(header);
  if (client === null) return err("malformed");
  if (shown.clientSecret !== undefined) return err("conflicting");
  if (shown.clientId !== undefined && shown.clientId !== client.clientId) return err("conflicting");
  return ok(client);
}

function readBasic(header: string): ShownClient | null {
  const encoded = BASIC.exec(header)?.[1];
  if (encoded === undefined) return null;
  const text = decodeBase64(encoded);
  const colon = text?.indexOf(":") ?? -1;
  if (text === null || colon < 1) return null;
  // Both halves are form-encoded before they are joined, so that a colon in either survives.
  const clientId = decodeForm(text.slice(0, colon));
  const secret = decodeForm(text.slice(colon + 1));
  if (clientId === null || secret === null) return null;
  return { clientId, secret, method: "client_secret_basic" };
}

function decodeBase64(encoded: string): string | null {
  try {
    const bytes = Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return null;
  }
}

function decodeForm(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return null;
  }
}
