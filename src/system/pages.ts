import type { ErrorCode } from "#platform/errors";
import { ERRORS, errorText } from "#platform/errors";
import type { Locale } from "#platform/locale";
import { escapeHtml, renderPage, sourceOf } from "./html";
import type { RenderedPage } from "./html";

const ERROR = {
  ko: {
    what: "무슨 일이 있었나",
    todo: "어떻게 하나",
    docs: "API 문서",
    other: "English",
    otherLocale: "en",
  },
  en: {
    what: "What happened",
    todo: "What to do",
    docs: "API documentation",
    other: "한국어",
    otherLocale: "ko",
  },
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
<nav><a href="/docs">${label.docs}</a><a href="?lang=${label.otherLocale}" hreflang="${label.otherLocale}" lang="${label.otherLocale}">${label.other}</a></nav>`,
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
<link rel="stylesheet" href="/docs.css">
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
