export { createScrapeExecutor } from "./executor";
export type { ScrapePorts } from "./executor";
export { PAGE_CAPS } from "./page-fetch";
export { scrapeKind } from "./kind";
export { erasePages } from "./page-cache";
