/**
 * Which start tags end which open elements, and which elements fence them in: the part of the
 * HTML standard's tree construction that decides where content belongs
 * (https://html.spec.whatwg.org/multipage/parsing.html#tree-construction).
 */

const set = (names: string): ReadonlySet<string> => new Set(names.split(" "));

export const VOID = set(
  "area base basefont bgsound br col command embed frame hr img input keygen link meta param source track wbr",
);

/** Elements whose content the tokenizer reads as text: they hold no element, at any depth. */
export const RAW_TEXT = set("script style title textarea xmp iframe noembed noframes plaintext");

/** What may stand in `<head>`; anything else ends it, as it begins the body. */
export const HEAD_CONTENT = set(
  "base basefont bgsound link meta title style script noscript template noframes command",
);

/** Start tags that end an open `<p>`. */
export const ENDS_PARAGRAPH = set(
  "address article aside blockquote center details dialog dir div dl dd dt fieldset figcaption " +
    "figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr li listing main menu nav ol p " +
    "plaintext pre search section summary table ul xmp",
);

export const HEADINGS = set("h1 h2 h3 h4 h5 h6");

/** Misnested, these are taken off the open elements without ending the blocks inside them. */
export const FORMATTING = set("a b big code em font i nobr s small strike strong tt u");

/** An end tag looks no further up than the nearest of these ("has an element in scope"). */
const SCOPE = set("applet caption html marquee object table td template th");

const TABLE_SCOPE = set("html table template");
const TABLE_PARTS = set("caption col colgroup tbody td tfoot th thead tr");
const OUTERMOST = set("html template");

/** What an open element is to the tags inside it, as bits: a search up the open elements tests one number each. */
export const TRAIT = { scope: 1, tableScope: 2, outermost: 4, special: 8 } as const;

/** Where the search for the start of an ending element stops: at elements with this trait. */
export function scopeOf(name: string): number {
  if (TABLE_PARTS.has(name)) return TRAIT.tableScope;
  return name === "table" || name === "body" || name === "html" ? TRAIT.outermost : TRAIT.scope;
}

/** The blocks that a misnested formatting element reaches across. */
const SPECIAL = set(
  "address article aside blockquote body button caption center col colgroup dd details dir div dl " +
    "dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup html li " +
    "listing main menu nav ol p pre search section select summary table tbody td tfoot th thead tr ul",
);

/** A list item ends the one before, unless one of these stands between the two. */
export const ITEM_FENCE = new Set(
  [...SPECIAL, ...SCOPE].filter((name) => name !== "address" && name !== "div" && name !== "p"),
);

/** For a part of a table: the open elements that may hold it. Everything above them is ended. */
export const TABLE_CONTEXT: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["td", set("tr tbody thead tfoot table template html")],
  ["th", set("tr tbody thead tfoot table template html")],
  ["tr", set("tbody thead tfoot table template html")],
  ["tbody", set("table template html")],
  ["thead", set("table template html")],
  ["tfoot", set("table template html")],
  ["caption", set("table template html")],
  ["colgroup", set("table template html")],
]);

const traits = (name: string): number =>
  (SCOPE.has(name) ? TRAIT.scope : 0) |
  (TABLE_SCOPE.has(name) ? TRAIT.tableScope : 0) |
  (OUTERMOST.has(name) ? TRAIT.outermost : 0) |
  (SPECIAL.has(name) ? TRAIT.special : 0);

const TRAITS: ReadonlyMap<string, number> = new Map(
  [...SCOPE, ...TABLE_SCOPE, ...OUTERMOST, ...SPECIAL].map((name) => [name, traits(name)]),
);

/** The traits of an element by its name. */
export const traitsOf = (name: string): number => TRAITS.get(name) ?? 0;
