/**
 * Finds what a page is about among what stands around it: each paragraph votes for the elements that hold it, by its
 * length and commas, and links count against. One walk over the page and one over the votes, so linear in its size.
 */
import type { Document, Element } from "domhandler";
import { attributeOf } from "./document-parse";
import { isElement, walk } from "./document-walk";
import { isBeside, roleOf } from "./page-scope";
import { collapse, isUnread } from "./text";

export interface Article {
  readonly root: Element | Document;
  /** What inside the root is not of the article. */
  readonly skip: (element: Element) => boolean;
  /** Whether the page has text that reads as an article; else the root is the whole page. */
  readonly isReadable: boolean;
}

const set = (names: string): ReadonlySet<string> => new Set(names.split(" "));

const PARAGRAPHS = set("p pre blockquote td dd");
/** Hold paragraphs; their own text counts where they are used as one. */
const CONTAINERS = set("div section article main li figure center");
const NOT_CONTENT = set("form button fieldset label input select textarea menu");
const MIN_PARAGRAPH = 25;
const MIN_CONTAINER_TEXT = 80;
/** Characters that an article has at least; Korean says as much in half of them as English. */
const MIN_ARTICLE = 140;

/** Words in class and id that tell what an element is for; whole words, as `header` must not be found in `headline`. */
const GOOD = set(
  "article body content entry main post text story blog hentry h-entry prose contents view-content article-body article-content post-content entry-content",
);
const BAD = set(
  "ad ads advert advertisement banner breadcrumb breadcrumbs comment comments community cookie disqus extra foot footer footnote gdpr header menu meta modal nav navbar navigation newsletter pager pagination popup promo recommend recommended related remark reply rss share sharing shoutbox sidebar skip social sponsor sponsored subscribe tags toolbar widget",
);

interface Tally {
  /** Characters of text inside. */
  text: number;
  /** Of those, inside links. */
  linked: number;
  /** Characters of its own text, not its elements'. */
  own: number;
  commas: number;
}

const newTally = (): Tally => ({ text: 0, linked: 0, own: 0, commas: 0 });

/** Words of class and id, at most a few hundred characters of each. */
function wordsOf(element: Element): string[] {
  const names = `${(attributeOf(element, "class") ?? "").slice(0, 300)} ${(attributeOf(element, "id") ?? "").slice(0, 100)}`;
  const tokens = names.toLowerCase().split(/[\s]+/).filter(Boolean);
  return tokens.flatMap((token) => [token, ...token.split(/[-_]+/)]);
}

function weightOf(element: Element): number {
  let weight = 0;
  if (element.name === "article" || attributeOf(element, "itemprop") === "articleBody")
    weight += 25;
  else if (element.name === "main" || roleOf(element) === "main") weight += 15;
  else if (element.name === "div" || element.name === "section") weight += 3;
  else if (/^(?:ul|ol|dl|form|table|tr|aside|nav|footer|header)$/.test(element.name)) weight -= 5;
  const words = wordsOf(element);
  if (words.some((word) => GOOD.has(word))) weight += 20;
  if (words.some((word) => BAD.has(word))) weight -= 20;
  return weight;
}

const COMMA = /[,、，،;·.。]/g;

/** How much text, linked text and commas every element has, from one walk. */
function tallyAll(root: Document): Map<Element, Tally> {
  const tallies = new Map<Element, Tally>();
  const open: Tally[] = [];
  let links = 0;
  walk(root, {
    enter(element) {
      if (isUnread(element)) return false;
      const tally = newTally();
      tallies.set(element, tally);
      open.push(tally);
      if (element.name === "a") links++;
      return true;
    },
    leave(element) {
      const tally = open.pop();
      const parent = open.at(-1);
      if (element.name === "a") links--;
      if (tally === undefined || parent === undefined) return;
      parent.text += tally.text;
      parent.linked += tally.linked;
      parent.commas += tally.commas;
    },
    text({ data }) {
      const tally = open.at(-1);
      if (tally === undefined) return;
      const text = collapse(data).trim();
      tally.text += text.length;
      tally.own += text.length;
      if (links > 0) tally.linked += text.length;
      tally.commas += text.match(COMMA)?.length ?? 0;
    },
  });
  return tallies;
}

const parentOf = (element: Element): Element | null => {
  const { parent } = element;
  return parent !== null && "name" in parent ? parent : null;
};

const isJunk = (element: Element): boolean =>
  isBeside(element) || wordsOf(element).some((word) => BAD.has(word));

/** What the paragraphs of a page vote for. */
function scoreAll(tallies: ReadonlyMap<Element, Tally>): Map<Element, number> {
  const scores = new Map<Element, number>();
  const junk = new Map<Element, boolean>();
  /** Whether an element stands in something beside the content; parents come first in the walk's order. */
  const isInJunk = (element: Element): boolean => {
    const parent = parentOf(element);
    return (
      (parent !== null && junk.get(parent) === true) || (element.name !== "body" && isJunk(element))
    );
  };
  const vote = (element: Element | null, points: number): void => {
    if (element === null || element.name === "html") return;
    const known = scores.get(element) ?? weightOf(element);
    scores.set(element, known + points);
  };
  for (const [element, tally] of tallies) {
    const isOut = isInJunk(element);
    junk.set(element, isOut);
    if (isOut) continue;
    const isParagraph = PARAGRAPHS.has(element.name) && tally.text >= MIN_PARAGRAPH;
    const isText = CONTAINERS.has(element.name) && tally.own >= MIN_CONTAINER_TEXT;
    if (!isParagraph && !isText) continue;
    const length = isParagraph ? tally.text : tally.own;
    const density = tally.text === 0 ? 0 : tally.linked / tally.text;
    const points = (1 + Math.min(tally.commas, 10) + Math.min(length / 100, 5)) * (1 - density);
    const parent = isText ? element : parentOf(element);
    const grandparent = parent && parentOf(parent);
    vote(parent, points);
    vote(grandparent, points / 2);
    vote(grandparent && parentOf(grandparent), points / 4);
  }
  return scores;
}

/** The part of a page that reads as its article. Where there is none, the whole page: never nothing of something. */
export function findArticle(root: Document): Article {
  const tallies = tallyAll(root);
  const densityOf = (element: Element): number => {
    const tally = tallies.get(element);
    return tally === undefined || tally.text === 0 ? 0 : tally.linked / tally.text;
  };
  let best: Element | null = null;
  let bestScore = 0;
  const scores = scoreAll(tallies);
  for (const [element, votes] of scores) {
    const score = votes * (1 - densityOf(element));
    if (score > bestScore) {
      best = element;
      bestScore = score;
    }
  }
  if (best === null || (tallies.get(best)?.text ?? 0) < MIN_ARTICLE)
    return { root, skip: () => false, isReadable: false };

  const top = best;
  // An article in parts: siblings that were voted for as well belong to it, and what is between them does not.
  const parent = parentOf(top);
  const threshold = Math.max(10, bestScore / 4);
  const joined =
    parent === null
      ? []
      : parent.children.filter(
          (node): node is Element =>
            isElement(node) &&
            node !== top &&
            (scores.get(node) ?? 0) * (1 - densityOf(node)) >= threshold,
        );
  const isWhole = joined.length === 0 || parent === null;
  const parts = new Set<Element>([top, ...joined]);
  const skipJunk = (element: Element): boolean => {
    if (NOT_CONTENT.has(element.name) || isBeside(element)) return true;
    const tally = tallies.get(element);
    const whole = tallies.get(top)?.text ?? 0;
    // A word in a class can mislead, so that it decides over small parts only.
    if (
      tally !== undefined &&
      tally.text * 3 < whole &&
      wordsOf(element).some((word) => BAD.has(word))
    )
      return true;
    const isList = /^(?:ul|ol|div|section|table)$/.test(element.name);
    return isList && tally !== undefined && tally.text > 0 && isLinkList(element, tally);
  };
  if (isWhole) return { root: top, skip: skipJunk, isReadable: true };
  return {
    root: parent,
    skip: (element) =>
      element.parent === parent
        ? !parts.has(element) && !/^(?:h[1-6]|p|figure|blockquote|pre|table)$/.test(element.name)
        : skipJunk(element),
    isReadable: true,
  };
}

/** Whether nearly all text is links, several of them: other articles, tags, the way back. */
const isLinkList = (element: Element, { text, linked }: Tally): boolean =>
  linked / text > 0.8 && element.children.length > 4;
