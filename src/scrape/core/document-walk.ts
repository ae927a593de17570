import type { AnyNode, ChildNode, Document, Element, Text } from "domhandler";
import { ElementType } from "htmlparser2";

/** Whether a node is an element of any kind: an ordinary one, `<script>` or `<style>`. */
export const isElement = (node: AnyNode): node is Element =>
  node.type === ElementType.Tag ||
  node.type === ElementType.Script ||
  node.type === ElementType.Style;

export interface Visitor {
  /** Before the children. `false` leaves the whole element out: no children, no `leave`. */
  readonly enter: (element: Element) => boolean;
  readonly leave?: (element: Element) => void;
  readonly text?: (text: Text) => void;
  /** Asked after each node; `true` ends the walk at once. */
  readonly isDone?: () => boolean;
}

/**
 * Visits everything below `root` in document order, without recursion: the depth of a page can
 * overflow no stack, and a walk costs one step a node.
 */
export function walk(root: Document | Element, visitor: Visitor): void {
  let node: ChildNode | null = root.children[0] ?? null;
  while (node !== null) {
    if (visitor.isDone?.() === true) return;
    // The type is one comparison; `instanceof` walks the prototypes, which shows in a walk over every node.
    if (node.type === ElementType.Text) {
      visitor.text?.(node);
    } else if (isElement(node) && visitor.enter(node)) {
      const child: ChildNode | undefined = node.children[0];
      if (child !== undefined) {
        node = child;
        continue;
      }
      visitor.leave?.(node);
    }
    let current: ChildNode = node;
    while (current.next === null) {
      const parent: ChildNode | null = current.parent;
      if (parent === null || parent === root || !isElement(parent)) return;
      visitor.leave?.(parent);
      current = parent;
    }
    node = current.next;
  }
}

/** The first element, in document order, of which `matches` is true; or null. */
export function findElement(
  root: Document | Element,
  matches: (element: Element) => boolean,
): Element | null {
  let found: Element | null = null;
  walk(root, {
    enter(element) {
      if (found === null && matches(element)) found = element;
      return found === null;
    },
    isDone: () => found !== null,
  });
  return found;
}
