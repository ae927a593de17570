import { sha256 } from "#platform/bytes";
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
}

/** A page as it is served. Its text depends on nothing but what it shows, so that a tag holds for it. */
export interface RenderedPage {
  readonly html: string;
  readonly policy: string;
}

const STYLE = `:root{color-scheme:light dark}
body{font:16px/1.6 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1.25rem;word-break:keep-all;overflow-wrap:break-word}
h1{font-size:1.5rem;margin-bottom:.25rem}
code,pre{font:14px/1.5 ui-monospace,monospace}
pre{padding:1rem;white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid #8886;border-radius:.5rem}
.code{color:#888}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem}
nav a{white-space:nowrap}`;

/** A page that runs nothing and needs nothing from anywhere else, under a policy that lets in its own style alone. */
export async function renderPage(page: Page): Promise<RenderedPage> {
  return {
    html: htmlOf(page),
    policy: `default-src 'none'; style-src ${await sourceOf(STYLE)}; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  };
}

/**
 * The hash by which a policy allows an inline part (CSP level 3, section 2.3.1). Parts that never change are
 * named so rather than by a nonce, which would make every answer another representation.
 */
export async function sourceOf(inlinePart: string): Promise<string> {
  return `'sha256-${btoa(String.fromCharCode(...(await sha256(inlinePart))))}'`;
}

const htmlOf = (page: Page): string => `<!doctype html>
<html lang="${page.locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)}</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<style>${STYLE}</style>
</head>
<body>
${page.body}
</body>
</html>
`;
