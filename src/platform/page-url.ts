import type { ConfigIssue } from "#platform/config";

/** A page of the deployment's own. Tokens are sent there, so in production it is reached by TLS alone. */
export function readPageUrl(text: string, isProduction: boolean, issues: ConfigIssue[]): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const schemes = isProduction ? ["https:"] : ["https:", "http:"];
  if (text === "" || (url !== null && schemes.includes(url.protocol) && url.hash === ""))
    return text;
  issues.push({
    severity: "error",
    setting: "RESET_PAGE_URL",
    message: "is no URL of a page (https, without #); no mail is sent",
  });
  return "";
}
