import type { ErrorCode } from "#platform/errors";
import { ERRORS, errorText } from "#platform/errors";
import type { Locale } from "#platform/locale";
import { escapeHtml, renderPage } from "./html";

const HOME = {
  ko: {
    lead: "엣지에서 동작하는 API 서버입니다. 키로 요청을 보내면 작업이 대기열에 들어가고, 같은 연결에서 답을 받습니다.",
    first: "첫 호출",
    docs: "API 문서",
    reference: "레퍼런스",
    health: "상태",
    other: '<a href="/?lang=en" hreflang="en" lang="en">English</a>',
  },
  en: {
    lead: "An API server at the edge. A request comes in by key, becomes a queued task, and its answer goes out on the same connection.",
    first: "A first call",
    docs: "API documentation",
    reference: "Reference",
    health: "Health",
    other: '<a href="/?lang=ko" hreflang="ko" lang="ko">한국어</a>',
  },
} as const;

/** The page that a browser gets at `/`. The server's own address is filled in by the browser, which knows it. */
export function homePage(locale: Locale, version: string, nonce: string): string {
  const text = HOME[locale];
  return renderPage({
    locale,
    nonce,
    title: "Naru",
    body: `<h1>Naru <small class="code">${escapeHtml(version)}</small></h1>
<p>${text.lead}</p>
<nav><a href="/docs">${text.docs}</a><a href="/redoc">${text.reference}</a><a href="/openapi.json">OpenAPI</a><a href="/health">${text.health}</a>${text.other}</nav>
<h2>${text.first}</h2>
<pre><code>curl -s <span class="origin">http://localhost:8787</span>/scrape \\
  -H "Authorization: Bearer $NARU_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"script_name":"page","parameters":{"url":"<span class="origin">http://localhost:8787</span>/samples/ferry.html"}}'</code></pre>
<script nonce="${nonce}">for (const e of document.querySelectorAll(".origin")) e.textContent = location.origin</script>`,
  });
}

const ERROR = {
  ko: { what: "무슨 일이 있었나", todo: "어떻게 하나", other: "English", otherLocale: "en" },
  en: { what: "What happened", todo: "What to do", other: "한국어", otherLocale: "ko" },
} as const;

/** The page on an error: what it means and how to get past it. */
export function errorPage(locale: Locale, code: ErrorCode, nonce: string): string {
  const text = errorText(code, locale);
  const label = ERROR[locale];
  const todo =
    text.detail === null ? "" : `<h2>${label.todo}</h2>\n<p>${escapeHtml(text.detail)}</p>`;
  return renderPage({
    locale,
    nonce,
    title: `${text.title} · ${code}`,
    body: `<h1>${escapeHtml(text.title)}</h1>
<p class="code"><code>${code}</code> · HTTP ${ERRORS[code]}</p>
<h2>${label.what}</h2>
<p>${escapeHtml(text.error)}</p>
${todo}
<nav><a href="/docs">/docs</a><a href="?lang=${label.otherLocale}" hreflang="${label.otherLocale}" lang="${label.otherLocale}">${label.other}</a></nav>`,
  });
}

/** Swagger UI over our own copy of its files. */
export const swaggerPage = (nonce: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Naru API</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/vendor/swagger-ui/swagger-ui.css">
</head>
<body>
<div id="ui"></div>
<script nonce="${nonce}" src="/vendor/swagger-ui/swagger-ui-bundle.js"></script>
<script nonce="${nonce}">SwaggerUIBundle({ url: "/openapi.json", dom_id: "#ui", deepLinking: true, validatorUrl: null })</script>
</body>
</html>
`;

/** ReDoc over our own copy of its file. */
export const redocPage = (nonce: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Naru API</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
</head>
<body>
<div id="ui"></div>
<script nonce="${nonce}" src="/vendor/redoc/redoc.standalone.js"></script>
<script nonce="${nonce}">Redoc.init("/openapi.json", { disableSearch: false }, document.getElementById("ui"))</script>
</body>
</html>
`;

/** The policy of both: their scripts by nonce, and the styles that they write inline, which take none. */
export const documentationPolicy = (nonce: string): string =>
  `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
