import type { ErrorCode } from "#platform/errors";
import type { Result } from "#platform/result";
import { err, ok } from "#platform/result";

export const FORM_TYPE = "application/x-www-form-urlencoded";

/** More fields than any form of ours has; what is beyond is an attack on whoever walks through them. */
export const MAX_FIELDS = 100;

export type Form = Readonly<Record<string, string | readonly string[]>>;
export type FormFault = Extract<ErrorCode, "INVALID_UTF8" | "MALFORMED_FORM" | "FORBIDDEN_KEY">;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/**
 * Parses a form body (URL standard, section 5), stricter than the standard, which never fails: a `%` that escapes
 * nothing, or bytes that are no UTF-8, are refused instead of becoming U+FFFD. A field given once is its text, one given
 * more often a list, which a schema takes or refuses (RFC 6749 section 3.2 wants it refused).
 */
export function parseForm(bytes: Uint8Array): Result<Form, FormFault> {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return err("INVALID_UTF8");
  }
  const fields = new Map<string, string[]>();
  const pairs = text.split("&").filter((pair) => pair !== "");
  if (pairs.length > MAX_FIELDS) return err("MALFORMED_FORM");
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    const name = unescapeField(at < 0 ? pair : pair.slice(0, at));
    const value = unescapeField(at < 0 ? "" : pair.slice(at + 1));
    if (name === null || value === null) return err("MALFORMED_FORM");
    // As in JSON: names that mean something to the language when an object is copied or merged.
    if (name === "__proto__" || name === "constructor" || name === "prototype")
      return err("FORBIDDEN_KEY");
    fields.set(name, [...(fields.get(name) ?? []), value]);
  }
  const form: Record<string, string | readonly string[]> = {};
  for (const [name, values] of fields)
    form[name] = values.length === 1 ? (values[0] ?? "") : values;
  return ok(form);
}

/** The text behind `+` and `%xx`, or null where an escape is cut off or its bytes are no UTF-8. */
function unescapeField(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return null;
  }
}
