/** The longest address that mail can carry (RFC 5321 section 4.5.3.1.3). */
export const MAX_EMAIL_LENGTH = 254;

/**
 * The one form in which an address is stored and compared: NFC and lower case. The local part could mean something by its
 * case, but no service treats it so, and two accounts that differ in case alone would only serve an impostor.
 */
export const normalizeEmail = (email: string): string =>
  email.trim().normalize("NFC").toLowerCase();
