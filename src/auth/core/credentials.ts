import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";

/** What a request shows: the text of a key or token, or nothing. Only keys come in `X-API-Key`. */
export type Shown =
  | { readonly kind: "nothing" }
  | { readonly kind: "text"; readonly text: string; readonly isKey: boolean };

/** Why credentials cannot even be read: two of them, or an `Authorization` of another scheme or without a token. */
export type Unreadable = "conflicting" | "malformed";

export interface CredentialHeaders {
  readonly authorization: string | undefined;
  readonly apiKey: string | undefined;
}

const BEARER = /^bearer +([^\s,]+)$/i;

/**
 * The one credential of a request (RFC 6750 section 2: never more than one way at a time). The scheme's case does not
 * matter. The runtime joins repeated headers with a comma, which no credential of ours contains, so a comma means two
 * of them. URLs are no place for credentials and are not looked at.
 */
export function readShown(headers: CredentialHeaders): Result<Shown, Unreadable> {
  const authorization = headers.authorization?.trim() ?? "";
  const apiKey = headers.apiKey?.trim() ?? "";
  if (/^bearer\b.*,/i.test(authorization) || apiKey.includes(",")) return err("conflicting");
  if (authorization === "" && apiKey === "") return ok({ kind: "nothing" });
  if (authorization === "") return ok({ kind: "text", text: apiKey, isKey: true });
  const token = BEARER.exec(authorization)?.[1];
  if (apiKey !== "" && apiKey !== token) return err("conflicting");
  return token === undefined
    ? err("malformed")
    : ok({ kind: "text", text: token, isKey: apiKey !== "" });
}
