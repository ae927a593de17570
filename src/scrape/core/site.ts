import { getDomain } from "tldts";

/**
 * The name of the site that a URL belongs to: its registrable domain, so that all hosts of one owner share
 * one politeness. Private suffixes count (`alice.github.io` is a site of its own). An IP address, `localhost` or a
 * name under no public suffix is itself, with its port: there each port is another machine's or another project's server.
 */
export function siteOf(url: URL): string {
  const host = url.hostname.replace(/\.$/, "");
  const domain = getDomain(host, { allowPrivateDomains: true, validHosts: ["localhost"] });
  if (domain !== null && domain.includes(".")) return domain;
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return `${host}:${port}`;
}
