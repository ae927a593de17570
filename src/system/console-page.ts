import type { Locale } from "#platform/locale";
import { escapeHtml } from "./html";
import type { RenderedPage } from "./html";

const TEXT = {
  ko: {
    skip: "본문으로 건너뛰기",
    console: "콘솔",
    docs: "API 문서",
    reference: "레퍼런스",
    other: "English",
    otherLocale: "en",
    links: "문서",
    noScript:
      "이 콘솔에는 JavaScript가 필요하지만, API에는 필요하지 않습니다. 로컬에서는 <code>npm start</code>가 데모 키를 출력하며, 같은 키가 <code>.dev.vars</code>의 <code>DEMO_API_KEY</code>에 있습니다. 셸 변수 <code>KEY</code>에 넣어 두십시오.",
  },
  en: {
    skip: "Skip to the content",
    console: "Console",
    docs: "Docs",
    reference: "Reference",
    other: "한국어",
    otherLocale: "ko",
    links: "Documentation",
    noScript:
      "This console needs JavaScript; the API does not. Locally, <code>npm start</code> prints a demo key, and <code>.dev.vars</code> holds it as <code>DEMO_API_KEY</code>. Put it in the shell variable <code>KEY</code>.",
  },
} as const;

/**
 * Everything that the page may do: its own files and its own server, which `'self'` means for the WebSocket too (CSP level 3,
 * section 6.7.2.8). With Trusted Types and no policy that could make any, text never becomes markup, whoever wrote it.
 */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/** The shell of the console: all that it does stands in modules under `/console`, and its texts too. */
export function consolePage(locale: Locale, version: string): RenderedPage {
  const text = TEXT[locale];
  return {
    html: `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Naru</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/console/console.css">
<script type="module" src="/console/main.js"></script>
</head>
<body>
<a class="skip" href="#stage">${text.skip}</a>
<header class="top">
<div class="brand"><img src="/favicon.svg" alt=""><h1>Naru <small>${text.console} ${escapeHtml(version)}</small></h1></div>
<nav aria-label="${text.links}"><a href="/docs">${text.docs}</a><a href="/redoc">${text.reference}</a><a href="/openapi.json">OpenAPI</a><a href="/asyncapi.json">AsyncAPI</a><a href="/?lang=${text.otherLocale}" hreflang="${text.otherLocale}" lang="${text.otherLocale}">${text.other}</a></nav>
<div id="who"></div>
</header>
<main id="console"><noscript><p>${text.noScript}</p>
<pre><code>curl -s https://…/scrape -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\
  -d '{"script_name":"page","parameters":{"url":"https://example.com/"}}'</code></pre></noscript></main>
</body>
</html>
`,
    policy: POLICY,
  };
}
