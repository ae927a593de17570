import ipaddr from "ipaddr.js";

/** Requests that came with no usable address share one quota: better one strict bucket than an open door. */
const UNKNOWN = "unknown";
const NETWORK_GROUPS = 4;

/**
 * The name under which an address is limited. IPv4 counts whole; IPv6 by its /64, the least that one customer
 * gets, in which a single machine picks addresses at will (RFC 6177, RFC 8981). An IPv4-mapped IPv6 address is the
 * IPv4 one. `address` is the platform's `CF-Connecting-IP`, never a header that a client can set.
 */
export function addressName(address: string | null | undefined): string {
  const text = address?.trim().replace(/%.*$/, "") ?? "";
  if (text.length > 45 || !ipaddr.isValid(text)) return UNKNOWN;
  const parsed = ipaddr.process(text);
  if (parsed.kind() === "ipv4") return parsed.toString();
  const groups = (parsed as ipaddr.IPv6).parts.slice(0, NETWORK_GROUPS);
  return `${groups.map((group) => group.toString(16)).join(":")}::/64`;
}
