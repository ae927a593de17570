/**
 * The last line before the console: whatever looks like a credential, an address of a person or a text that may hold one is taken out of a
 * log field. It is no licence to log anything: fields are still chosen one by one, and this catches what a vendor's error message brings along.
 * It prefers to take out too much.
 */

/** What stands where something was taken out. */
export const REDACTED = "***";

/** Longer values are cut: nothing of ours is, and a page or a body has no place in a line. */
const MAX_CHARS = 2_000;

interface Rule {
  readonly pattern: RegExp;
  readonly by: string | ((text: string, ...groups: string[]) => string);
}

/** In this order: what may hold one of the later ones comes first. Every quantifier is bounded or has one way to match, so none runs away. */
const RULES: readonly Rule[] = [
  // Private keys as PEM, to the end of the text where the footer is cut off; and the secret members of a JWK (RFC 7518 section 6).
  { pattern: /-----BEGIN [\s\S]*?(?:-----END [^-]{0,64}-----|$)/g, by: REDACTED },
  {
    pattern: /(\\?"(?:d|p|q|dp|dq|qi|k)\\?"\s{0,4}:\s{0,4})\\?"[^"]{0,4096}"?/g,
    by: `$1"${REDACTED}"`,
  },
  // SQL: its literals are data, and its tables nobody's business.
  {
    pattern:
      /\b(?:select\b[\s\S]{1,1000}?\bfrom\b|insert\s+(?:or\s+\w+\s+)?into\b|update\s+\S{1,100}\s+set\b|delete\s+from\b|replace\s+into\b|(?:create|alter|drop)\s+(?:table|index|trigger|view)\b)[\s\S]*/gi,
    by: "<sql>",
  },
  // Our API keys, refresh tokens, client secrets: by their prefix, also where they are cut or mistyped.
  {
    pattern: /(?<![a-z0-9])nr[rc]?_[\w-]+/gi,
    by: (text) => `${text.slice(0, 3).toLowerCase().replace(/_$/, "")}_${REDACTED}`,
  },
  // A ticket for a socket, as it is offered; a webhook's secret; a lease of an outside worker; a sealed text or the key that seals.
  { pattern: /naru\.ticket\.[\w.~-]+/gi, by: `naru.ticket.${REDACTED}` },
  { pattern: /whsec_[\w+/=-]+/g, by: `whsec_${REDACTED}` },
  { pattern: /(?<![\w.])\d{1,10}\.[\w-]{22}(?![\w-])/g, by: REDACTED },
  { pattern: /(?<![\w.])v\d{1,6}\.[\w-]{16,}(?:\.[\w-]+)?/g, by: REDACTED },
  // A JWT or a part of one: its header and its claims begin with `{"`.
  { pattern: /eyJ[\w-]{4,}(?:\.[\w-]*){0,4}/g, by: REDACTED },
  // Keys of the services that deployments talk to, by the prefixes that secret scanners know.
  {
    pattern:
      /(?<![a-z0-9])(?:sk|pk|rk)[-_][\w-]{8,}|(?<![A-Za-z0-9])(?:gh[opsur]_|github_pat_|glpat-|xox[a-z]-|npm_|hf_|gsk_|AKIA|ASIA|AIza|ya29\.)[\w-]{8,}/g,
    by: REDACTED,
  },
  // RFC 9110 section 11.4.
  { pattern: /\b(bearer|basic|digest|negotiate|apikey)\s+[\w.~+/=-]{4,}/gi, by: `$1 ${REDACTED}` },
  // Of an address its origin stays: user, path, query and fragment may each be a credential, as in a link that was signed.
  { pattern: /\b([a-z][a-z0-9+.-]{1,20}):\/\/[^\s"'<>\\]+/gi, by: originOf },
  { pattern: /\?[\w.~%[\]-]{1,100}=[^\s"'<>\\]*/g, by: `?${REDACTED}` },
  // `password=…`, `"token": "…"`, `api_key: …`.
  {
    pattern:
      /((?:password|passwd|passphrase|pwd|secret|api[-_]?key|apikey|authorization|cookie|credential|signature|otp)[\w-]{0,32}\\?["']?\s{0,4}[=:]\s{0,4})(\\?["'])?[^\s"'&,;\\}]+/gi,
    by: `$1${REDACTED}`,
  },
  // A plain word behind `token:` says what is wrong with it.
  {
    pattern:
      /(token[\w-]{0,32}\\?["']?\s{0,4}[=:]\s{0,4})(?!\s{0,4}[a-z_]{1,16}(?:$|[\s,;.)"]))(\\?["'])?[^\s"'&,;\\}]+/gi,
    by: `$1${REDACTED}`,
  },
  {
    pattern: /[^\s@"'<>()[\]:;,\\]{1,64}@[^\s@"'<>()[\]:;,\\]{1,253}/g,
    by: `${REDACTED}@${REDACTED}`,
  },
];

/**
 * What most values are: an id of ours, a word, a code, a route's template, a trace. Each is free of everything below by its form, and known by it
 * in a fraction of the time.
 */
const PLAIN =
  /^(?:(?:task|conv|msg|key|usr|req|ses|cli|dlv|wrk|str|run|con|room)_[0-9a-z]{20,60}|[a-z_]{1,24}|[A-Z_]{1,40}|(?:\/(?!nr)[a-z0-9_:{}*.-]{1,24})+|[0-9a-f]{32}|\d{4}-[\dTZ:.-]{6,20})$/;

/** Whether a text, in lower case, may hold anything that a rule takes out. */
const SUSPECT =
  /nr[rc]?_|naru\.ticket|whsec_|eyj|-----|:\/\/|\?[\w.~%[\]-]+=|@|(?:bearer|basic|digest|negotiate|apikey)\s|(?:passw|passph|pwd|secret|token|api[-_]?key|authorization|cookie|credential|signature|otp)[^,]{0,40}[=:]|\b[spr]k[-_]|gh[opsur]_|github_pat|glpat-|xox|npm_|hf_|gsk_|akia|asia|aiza|ya29|select\s|insert\s|update\s|delete\s|replace\s|create\s|alter\s|drop\s|"(?:[dpqk]|dp|dq|qi)\\?"|\bv?\d+\.[\w-]{16}/;
/** A value as it may stand in a line. */
export function redactText(text: string): string {
  if (PLAIN.test(text)) return text;
  const told = redactKnown(text);
  // Random text in base64url: 32 characters of both cases with digits or signs. Our ids, traces and hashes have one case.
  const plain = /[A-Z]/.test(told)
    ? told.replaceAll(/[\w+/-]{32,}={0,2}/g, (run) => (isRandom(run) ? REDACTED : run))
    : told;
  return plain.length > MAX_CHARS ? `${plain.slice(0, MAX_CHARS)}…` : plain;
}

/** As `redactText`, for an id that a caller chose: it may be random, but no credential of a known form. */
export const redactId = (text: string): string => (PLAIN.test(text) ? text : redactKnown(text));

function redactKnown(text: string): string {
  if (!SUSPECT.test(text.toLowerCase())) return text;
  let told = text;
  for (const { pattern, by } of RULES) told = told.replace(pattern, by as string);
  return told;
}

function originOf(text: string, scheme: string): string {
  const url = URL.parse(text);
  const host = url?.host ?? "";
  const hasMore = url === null || url.pathname.length > 1 || `${url.search}${url.hash}` !== "";
  return `${scheme}://${host === "" ? REDACTED : host}${hasMore ? "/…" : ""}`;
}

const isRandom = (text: string): boolean =>
  /[a-z]/.test(text) && /[A-Z]/.test(text) && /[\d_+/-]/.test(text);

/** Fields whose value is a credential by their very name, whoever comes to add one. */
const SECRET_NAME =
  /^(?:.*_)?(?:password|passphrase|secret|token|api_?key|authorization|cookie|credential|private_key|email|address|ip)$/i;

export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);
