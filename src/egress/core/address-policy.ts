/**
 * Which addresses this server may be told to fetch (OWASP API7:2023, server-side request forgery).
 * The check is made on the *parsed* URL, so that every spelling that the URL standard folds together
 * (decimal, octal, hexadecimal and short IPv4, full-width digits, IPv4 inside IPv6) is one case here.
 * What a name resolves to is `dns-client`'s part; this file promises only what can be known without asking.
 */
import ipaddr from "ipaddr.js";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";

/**
 * Who named the address. `user`: a caller of the API; the whole policy holds. `operator`: the settings
 * of this deployment (models, sign-in providers, upstreams), which may well be a private machine.
 */
export type Trust = "user" | "operator";

export type UrlRefusal =
  | "malformed"
  | "too_long"
  | "scheme"
  | "credentials"
  | "port"
  | "private_address"
  | "private_name";

export interface AddressRules {
  /** `host` or `host:port` in canonical form. */
  readonly allowed: ReadonlySet<string>;
  readonly allowPrivate: boolean;
}

export interface AllowedUrl {
  /** Canonical: no trailing dot in the host, no fragment. This one is fetched, not the text that was given. */
  readonly url: URL;
  /** Whether the name must still be resolved and its addresses checked. */
  readonly needsDns: boolean;
}

const MAX_URL_LENGTH = 4096;

/**
 * Ports that the Fetch standard blocks ("bad ports"), because a server behind them may take an HTTP
 * request for its own protocol, and three data stores that speak plain text as well.
 */
const BAD_PORTS = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102,
  103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465,
  512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993,
  995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668,
  6669, 6679, 6697, 10080, 2375, 6379, 11211,
]);

/** Top-level names that the public DNS does not delegate (RFC 6761, 6762, 7686, 8375, 9476; ICANN on `internal`) or that networks use inside. */
const PRIVATE_SUFFIXES = [
  "localhost",
  "localdomain",
  "local",
  "internal",
  "intranet",
  "private",
  "corp",
  "home",
  "lan",
  "svc",
  "home.arpa",
  "onion",
  "i2p",
  "alt",
  "invalid",
  "test",
];

/** Names under public suffixes behind which clouds serve credentials to their own machines. */
const METADATA_HOSTS = new Set([
  "metadata.goog",
  "metadata.packet.net",
  "metadata.platformequinix.com",
  "metadata.tencentyun.com",
]);

/** Azure's host agent: a public address by registry that only answers from inside. */
const METADATA_ADDRESSES = new Set(["168.63.129.16"]);

const GLOBAL_UNICAST_V6 = ipaddr.IPv6.parseCIDR("2000::/3");

/** The rules of one deployment. Entries are `host` or `host:port`; one that is no host is ignored. */
export function createAddressRules(
  allowHosts: readonly string[],
  allowPrivate: boolean,
): AddressRules {
  const allowed = new Set<string>();
  for (const entry of allowHosts) {
    const canonical = canonicalHostEntry(entry);
    if (canonical !== null) allowed.add(canonical);
  }
  return { allowed, allowPrivate };
}

/** Decides on a URL without any I/O. The refusal names the first rule that it breaks. */
export function checkUrl(
  input: string | URL,
  trust: Trust,
  rules: AddressRules,
): Result<AllowedUrl, UrlRefusal> {
  const text = String(input);
  if (text.length > MAX_URL_LENGTH) return err("too_long");
  const url = URL.parse(text);
  if (url === null) return err("malformed");
  if (url.protocol !== "http:" && url.protocol !== "https:") return err("scheme");
  if (url.username !== "" || url.password !== "") return err("credentials");
  const host = withoutTrailingDot(url.hostname);
  if (host === "") return err("malformed");
  if (host !== url.hostname) url.hostname = host;
  url.hash = "";

  const port = portOf(url);
  if (trust === "operator") return ok({ url, needsDns: false });
  if (BAD_PORTS.has(port)) return err("port");
  if (rules.allowPrivate || rules.allowed.has(host) || rules.allowed.has(`${host}:${port}`))
    return ok({ url, needsDns: false });

  const literal = literalOf(host);
  if (literal !== null)
    return isPublicAddress(literal) ? ok({ url, needsDns: false }) : err("private_address");
  if (!isPublicName(host)) return err("private_name");
  return ok({ url, needsDns: true });
}

/**
 * Whether an address is globally reachable unicast. Addresses that carry another one inside
 * (IPv4-mapped, NAT64, 6to4, Teredo) are refused as a class, whatever they carry, except IPv4-mapped
 * ones, which are the IPv4 address itself. Text that is no address is not public.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  if (address.range() !== "unicast") return false;
  if (METADATA_ADDRESSES.has(address.toString())) return false;
  // `range()` calls everything unicast that no list names, such as IPv4-compatible `::127.0.0.1`.
  return address instanceof ipaddr.IPv6 ? address.match(GLOBAL_UNICAST_V6) : true;
}

/** The port that a URL leads to, also where it is the scheme's own. */
export const portOf = (url: URL): number =>
  url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);

/** The IP address that a URL's host is, without brackets, or null where the host is a name. */
export function literalOf(hostname: string): string | null {
  if (hostname.startsWith("[")) return hostname.slice(1, -1);
  return ipaddr.IPv4.isValidFourPartDecimal(hostname) ? hostname : null;
}

function isPublicName(host: string): boolean {
  const labels = host.split(".");
  if (labels.length < 2 || host.length > 253) return false;
  // Underscores stand in real host names; anything else that the URL parser lets through is no DNS name.
  if (!labels.every((label) => /^[a-z0-9_-]{1,63}$/.test(label))) return false;
  if (METADATA_HOSTS.has(host)) return false;
  return !PRIVATE_SUFFIXES.some((suffix) => host === suffix || host.endsWith(`.${suffix}`));
}

const withoutTrailingDot = (hostname: string): string => hostname.replace(/\.+$/, "");

function canonicalHostEntry(entry: string): string | null {
  // Parsed under both schemes, because each one drops its own default port.
  const urls = ["http", "https"].map((scheme) => URL.parse(`${scheme}://${entry}`));
  const [plain, secure] = urls;
  if (!plain || !secure || plain.pathname !== "/" || plain.username !== "") return null;
  const host = withoutTrailingDot(plain.hostname);
  if (host === "") return null;
  const port = plain.port || secure.port;
  return port === "" ? host : `${host}:${port}`;
}
