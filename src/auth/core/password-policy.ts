import { isCommonPassword } from "./common-passwords";

/** Code points after NFC. */
export const MIN_PASSWORD_LENGTH = 8;
export const MAX_PASSWORD_LENGTH = 128;

export type PasswordFault = "too_small" | "too_big" | "password_too_common";

/**
 * What keeps a text from being a password, null where nothing does. Length and a list of the most common ones and no rules
 * of composition, which make passwords worse (ASVS 6.2.5, NIST SP 800-63B). Nothing is cut, folded or trimmed.
 */
export function checkPassword(password: string): PasswordFault | null {
  // A character takes at most two units here and NFC makes no text much longer: what is far too long is not walked.
  if (password.length > 4 * MAX_PASSWORD_LENGTH) return "too_big";
  const normal = password.normalize("NFC");
  const { length } = Array.from(normal);
  if (length < MIN_PASSWORD_LENGTH) return "too_small";
  if (length > MAX_PASSWORD_LENGTH) return "too_big";
  return isCommonPassword(normal) ? "password_too_common" : null;
}
