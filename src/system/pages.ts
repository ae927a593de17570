import type { ErrorCode } from "#platform/errors";
import { ERRORS, errorText } from "#platform/errors";
import type { Locale } from "#platform/locale";
import { escapeHtml, renderPage, sourceOf } from "./html";
import type { RenderedPage } from "./html";

const HOME = {
  ko: {
    lead: "엣지에서 동작하는 API 서버입니다. 키로 요청을 보내면 작업이 대기열에 들어가고, 같은 연결에서 답을 받습니다.",
    first: "첫 호출",
    key: "로컬에서는 <code>npm start</code>가 데모 키를 출력하며, 같은 키가 <code>.dev.vars</code>의 <code>DEMO_API_KEY</code>에 있습니다. 셸 변수 <code>KEY</code>에 넣어 두십시오.",
    docs: "API 문서",
    reference: "레퍼런스",
    health: "상태",
    other: '<a href="/?lang=en" hreflang="en" lang="en">English</a>',
  },
  en: {
    lead: "An API server at the edge. A request comes in by key, becomes a queued task, and its answer goes out on the same connection.",
    first: "A first call",
    key: "Locally, <code>npm start</code> prints a demo key, and <code>.dev.vars</code> holds it as <code>DEMO_API_KEY</code>. Put it in the shell variable <code>KEY</code>.",
    docs: "API documentation",
    reference: "Reference",
    health: "Health",
    other: '<a href="/?lang=ko" hreflang="ko" lang="ko">한국어</a>',
  },
} as const;

/** The page that a browser gets at `/`. The server's own address is filled in by the browser, which knows it. */
export function homePage(locale: Locale, version: string): Promise<RenderedPage> {
  const text = HOME[locale];
  return renderPage({
    locale,
    title: "Naru",
    body: `<h1>Naru <small class="code">${escapeHtml(version)}</small></h1>
<p>${text.lead}</p>
<nav><a href="/docs">${text.docs}</a><a href="/redoc">${text.reference}</a><a href="/openapi.json">OpenAPI</a><a href="/asyncapi.json">AsyncAPI</a><a href="/health">${text.health}</a>${text.other}</nav>
<h2>${text.first}</h2>
<p>${text.key}</p>
<pre><code>curl -s <span class="origin">http://localhost:8787</span>/scrape \\
  -H "Authorization: Bearer $KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"script_name":"page","parameters":{"url":"<span class="origin">http://localhost:8787</span>/samples/ferry.html"}}'</code></pre>`,
    script: `for (const e of document.querySelectorAll(".origin")) e.textContent = location.origin`,
  });
}

const ERROR = {
  ko: { what: "무슨 일이 있었나", todo: "어떻게 하나", other: "English", otherLocale: "en" },
  en: { what: "What happened", todo: "What to do", other: "한국어", otherLocale: "ko" },
} as const;

/** The page on an error: what it means and how to get past it. */
export function errorPage(locale: Locale, code: ErrorCode): Promise<RenderedPage> {
  const text = errorText(code, locale);
  const label = ERROR[locale];
  const todo =
    text.detail === null ? "" : `<h2>${label.todo}</h2>\n<p>${escapeHtml(text.detail)}</p>`;
  return renderPage({
    locale,
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
export const swaggerPage = (): Promise<RenderedPage> =>
  documentationPage({
    style: "/vendor/swagger-ui/swagger-ui.css",
    library: "/vendor/swagger-ui/swagger-ui-bundle.js",
    start: `SwaggerUIBundle({ url: "/openapi.json", dom_id: "#ui", deepLinking: true, validatorUrl: null })`,
  });

/** ReDoc over our own copy of its file. */
export const redocPage = (): Promise<RenderedPage> =>
  documentationPage({
    library: "/vendor/redoc/redoc.standalone.js",
    start: `Redoc.init("/openapi.json", { disableSearch: false }, document.getElementById("ui"))`,
  });

interface Documentation {
  readonly style?: string;
  readonly library: string;
  readonly start: string;
}

/** Its policy: our own files and the one inline script, and the styles that the libraries write inline. */
const documentationPage = async (page: Documentation): Promise<RenderedPage> => ({
  html: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Naru API</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">${page.style === undefined ? "" : `\n<link rel="stylesheet" href="${page.style}">`}
</head>
<body>
<div id="ui"></div>
<script src="${page.library}"></script>
<script>${page.start}</script>
</body>
</html>
`,
  policy: `default-src 'none'; script-src 'self' ${await sourceOf(page.start)}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
});
