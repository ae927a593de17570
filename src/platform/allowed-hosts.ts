import type { ConfigIssue } from "#platform/config";

/**
 * The items of SCRAPE_ALLOW_HOSTS, in lower case. One that could never be the host of a URL, such as a whole URL or a pattern, is told of: it would allow
 * nothing without a word.
 */
export function readAllowedHosts(list: readonly string[], issues: ConfigIssue[]): string[] {
  if (list.some((host) => /[/\\?#@*\s]/.test(host) || !URL.canParse(`http://${host}`)))
    issues.push({
      severity: "error",
      setting: "SCRAPE_ALLOW_HOSTS",
      message: "has an item that is no host or host:port, and allows nothing",
    });
  return list.map((host) => host.toLowerCase());
}
