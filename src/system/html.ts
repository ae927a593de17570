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

const STYLE = `:root{color-scheme:light dark;--soft:light-dark(#4b5c5b,#9fb3b3);--brand:light-dark(#0b6e75,#62c8cf);--line:light-dark(#d5dfdf,#26363a)}
body{font:16px/1.6 system-ui,sans-serif;max-width:40rem;margin:clamp(1.5rem,8vh,5rem) auto;padding:0 1.25rem;word-break:keep-all;overflow-wrap:break-word;background:light-dark(#fff,#0c1314);color:light-dark(#14211f,#e3eceb)}
header a{display:inline-flex;align-items:center;gap:.6rem;color:inherit;font-weight:650;text-decoration:none}
header img{width:28px;height:28px}
h1{font-size:1.6rem;line-height:1.3;margin:2rem 0 .25rem}
h2{font-size:1rem;margin:1.75rem 0 .25rem}
p{margin:0}
code{font:.875em/1.5 ui-monospace,monospace}
a{color:var(--brand)}
.code{color:var(--soft)}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin-top:2.5rem;padding-top:1rem;border-top:1px solid var(--line)}
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
<header><a href="/"><img src="/favicon.svg" alt="">Naru</a></header>
<main>
${page.body}
</main>
</body>
</html>
`;
