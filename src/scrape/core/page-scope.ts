import type { Element } from "domhandler";
import { attributeOf } from "./document-parse";

const SIDE_ELEMENTS: ReadonlySet<string> = new Set(["nav", "aside", "footer", "dialog"]);
const SIDE_ROLES: ReadonlySet<string> = new Set([
  "navigation",
  "banner",
  "contentinfo",
  "complementary",
  "search",
  "dialog",
  "alertdialog",
]);

/** The ARIA role that an element says it has. */
export const roleOf = (element: Element): string =>
  (attributeOf(element, "role") ?? "").trim().toLowerCase();

/** Whether an element is beside the content. A header inside an article is the article's own. */
export function isBeside(element: Element): boolean {
  if (SIDE_ELEMENTS.has(element.name) || SIDE_ROLES.has(roleOf(element))) return true;
  if (element.name !== "header") return false;
  const parent = element.parent;
  return !(parent !== null && "name" in parent && /^(?:article|main|section)$/.test(parent.name));
}
