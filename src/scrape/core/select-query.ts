import { compile, type Options, selectAll } from "css-select";
import { type AnyNode, type Document, type Element, Text } from "domhandler";
import { err, ok, type Result } from "#platform/result";
import { attributeOf } from "./document-parse";
import { isElement, walk } from "./document-walk";
import type { CheckedSelector } from "./select-validate";

/**
 * Steps that all selectors of one run may take together. A step is one question that css-select asks
 * of the tree, and every loop of its own asks at least one each time round, so that this bounds its
 * time on any page: about half a second. A hundred usual selectors over a large page (100,000 nodes)
 * stay far below.
 */
export const MAX_SELECT_STEPS = 50_000_000;

type Adapter = NonNullable<Options<AnyNode, Element>["adapter"]>;
type Query = ReturnType<typeof compile<AnyNode, Element>>;

/** Thrown out of css-select, which has no way to stop early, and caught in this file only. */
class OutOfSteps extends Error {}

const NO_NODES: AnyNode[] = [];

/** Runs checked selectors over one page within one budget of steps. */
export class Selection {
  #stepsLeft: number;
  /** Length of the longest text searched for by the running selector. */
  #needleLength = 1;
  readonly #adapter: Adapter;
  readonly #compiled = new Map<string, Query>();

  constructor(steps: number = MAX_SELECT_STEPS) {
    this.#stepsLeft = steps;
    this.#adapter = this.#countingAdapter();
  }

  /** Takes steps for work on what was found. `false` where they are used up. */
  charge(steps: number): boolean {
    this.#stepsLeft -= steps;
    return this.#stepsLeft >= 0;
  }

  /**
   * The elements below `context` that match, in document order. `:scope` alone is `context` itself;
   * inside a selector, and before a leading combinator, it stands for `context`.
   * Refuses where the steps are used up; the selection is of no use after that.
   */
  all(selector: CheckedSelector, context: Document | Element): Result<Element[], "out_of_steps"> {
    if (selector.source.trim() === ":scope" && isElement(context)) return ok([context]);
    this.#needleLength = selector.needleLength;
    try {
      this.#spend(1);
      const options: Options<AnyNode, Element> = { adapter: this.#adapter };
      if (selector.isRelative && isElement(context)) {
        // What it means depends on the context, so it is compiled for each: about a thousand steps' worth.
        this.#spend(1_000);
        return ok(selectAll<AnyNode, Element>(selector.source, context, options));
      }
      return ok(
        selectAll<AnyNode, Element>(this.#compile(selector.source, options), context, options),
      );
    } catch (error) {
      if (error instanceof OutOfSteps) return err("out_of_steps");
      throw error;
    }
  }

  #compile(source: string, options: Options<AnyNode, Element>): Query {
    let query = this.#compiled.get(source);
    if (query === undefined) {
      query = compile<AnyNode, Element>(source, options);
      this.#compiled.set(source, query);
    }
    return query;
  }

  #spend(steps: number): void {
    if (!this.charge(steps)) throw new OutOfSteps();
  }

  /** Searching a text for another may compare every pair of their characters; 64 comparisons are a step. */
  #spendOnText(length: number): void {
    this.#spend(1 + ((length * this.#needleLength) >>> 6));
  }

  #countingAdapter(): Adapter {
    return {
      isTag: (node): node is Element => {
        this.#spend(1);
        return isElement(node);
      },
      getName: (element) => {
        this.#spend(1);
        return element.name;
      },
      getParent: (element) => {
        this.#spend(1);
        return element.parent;
      },
      getChildren: (node) => {
        this.#spend(1);
        return "children" in node ? node.children : NO_NODES;
      },
      getSiblings: (node) => {
        const siblings: AnyNode[] = node.parent?.children ?? [node];
        // Its callers ask `isTag` of the siblings that they look at; one also finds its place among them.
        this.#spend(1 + (siblings.length >>> 8));
        return siblings;
      },
      prevElementSibling: (node) => {
        let previous = node.prev;
        this.#spend(1);
        while (previous !== null && !isElement(previous)) {
          this.#spend(1);
          previous = previous.prev;
        }
        return previous;
      },
      getText: (node) => this.#textOf(node),
      getAttributeValue: (element, name) => {
        const value = attributeOf(element, name);
        this.#spendOnText(value?.length ?? 0);
        return value ?? undefined;
      },
      hasAttrib: (element, name) => {
        this.#spend(1);
        return Object.hasOwn(element.attribs, name);
      },
      removeSubsets: (nodes) => nodes,
    };
  }

  #textOf(node: AnyNode): string {
    if (node instanceof Text) {
      this.#spendOnText(node.data.length);
      return node.data;
    }
    if (!isElement(node)) return "";
    const parts: string[] = [];
    walk(node, {
      enter: () => {
        this.#spend(1);
        return true;
      },
      text: ({ data }) => {
        this.#spendOnText(data.length);
        parts.push(data);
      },
    });
    return parts.join("");
  }
}
