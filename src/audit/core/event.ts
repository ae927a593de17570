/** What was done, for the audit log. `action` is `<noun>.<verb>`, such as `api_key.revoke`. */
export interface AuditEvent {
  /** Who did it (`usr_…`, `key_…`, a client's id); null for the server itself and for strangers. */
  readonly actorId: string | null;
  readonly action: AuditAction;
  /** To whom or what; null where that is the actor or nobody. */
  readonly subjectId: string | null;
  /** The caller's address, where there is a caller. */
  readonly address: string | null;
  readonly details: AuditDetails;
}
export type AuditAction = `${string}.${string}`;
export type AuditValue = string | number | boolean | null | readonly string[];
export type AuditDetails = Readonly<Record<string, AuditValue>>;

/** An event as it is stored: it has an id, which makes a repeated write harmless, and its time in milliseconds. */
export interface AuditEntry extends AuditEvent {
  readonly id: string;
  readonly atMs: number;
}

const MAX_TEXT = 256;
const MAX_DETAILS = 32;
const MAX_ITEMS = 100;
const REDACTED = "[redacted]";

/** Members that must not be told, whatever stands in them. `key_id` and its like name a thing and are no secret. */
const SECRET_NAME =
  /pass(word|phrase)?|secret|token|authorization|cookie|credential|hash|^key$|api_?key$/i;
/** A whole API key, a JWT, a sealed secret, an argon2 string: what a slip elsewhere could bring here. */
const SECRET_TEXT = /nr_[a-z]+_[0-9a-z]{20,}_|eyJ[\w-]+\.|^v\d+\.[\w-]{16}\.|\$argon2/;

/**
 * An event fit to be kept for ever: bounded, and without anything that looks like a secret. Callers choose their details
 * one by one; this is the second line, because what is once in an append-only log cannot be taken out again.
 */
export function toEntry(event: AuditEvent, id: string, atMs: number): AuditEntry {
  const details = Object.entries(event.details)
    .slice(0, MAX_DETAILS)
    .map(([name, value]) => [clean(name), SECRET_NAME.test(name) ? REDACTED : cleanValue(value)]);
  return {
    id,
    atMs,
    actorId: event.actorId === null ? null : clean(event.actorId),
    action: event.action,
    subjectId: event.subjectId === null ? null : clean(event.subjectId),
    address: event.address === null ? null : clean(event.address),
    details: Object.fromEntries(details) as AuditDetails,
  };
}

function cleanValue(value: AuditValue): AuditValue {
  if (typeof value === "string") return clean(value);
  if (typeof value !== "object" || value === null) return value;
  return value.slice(0, MAX_ITEMS).map(clean);
}

const clean = (text: string): string =>
  SECRET_TEXT.test(text) ? REDACTED : text.slice(0, MAX_TEXT);
