import type { Locale } from "#platform/locale";

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as it may stand in an element or in a quoted attribute. */
export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (char) => ESCAPES[char] ?? char);

export interface Page {
  readonly locale: Locale;
  readonly title: string;
  /** Markup: every text in it is escaped by whoever makes it. */
  readonly body: string;
  readonly nonce: string;
}

const STYLE = `:root{color-scheme:light dark}
body{font:16px/1.6 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1.25rem}
h1{font-size:1.5rem;margin-bottom:.25rem}
code,pre{font:14px/1.5 ui-monospace,monospace}
pre{padding:1rem;overflow:auto;border:1px solid #8886;border-radius:.5rem}
.code{color:#888}
nav a{margin-right:1rem}`;

/** A page that needs nothing from anywhere else. What runs or styles in it carries the nonce of its policy. */
export const renderPage = (page: Page): string => `<!doctype html>
<html lang="${page.locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)}</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<style nonce="${page.nonce}">${STYLE}</style>
</head>
<body>
${page.body}
</body>
</html>
`;

/** The policy of such a page: its own inline parts and nothing else. */
export const pagePolicy = (nonce: string): string =>
  `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
