import * as z from "zod";

const Text = z.string().min(1).max(200);

/** Longest pattern, in UTF-16 units. */
export const MAX_PATTERN_LENGTH = 200;

/**
 * The steps that a value may go through. Those of text go over every item of a list; those of lists take the list as a whole.
 */
export const TransformSchema = z.discriminatedUnion("op", [
  z.strictObject({ op: z.literal("trim") }).describe("White space as one space, none around."),
  z.strictObject({ op: z.literal("lower") }),
  z.strictObject({ op: z.literal("upper") }),
  z
    .strictObject({
      op: z.literal("number"),
      decimal: z.enum([".", ","]).default(".").describe("The decimal mark; the other one groups."),
    })
    .describe("The first number in the text; null where there is none."),
  z.strictObject({ op: z.literal("url") }).describe("The text as an absolute address."),
  z.strictObject({ op: z.literal("before"), text: Text }),
  z.strictObject({ op: z.literal("after"), text: Text }),
  z
    .strictObject({ op: z.literal("replace"), find: Text, with: z.string().max(200) })
    .describe("Every occurrence of a text by another; no pattern."),
  z.strictObject({ op: z.literal("prefix"), text: Text }),
  z.strictObject({ op: z.literal("suffix"), text: Text }),
  z.strictObject({
    op: z.literal("slice"),
    start: z.int().min(-100_000).max(100_000).default(0),
    end: z.int().min(-100_000).max(100_000).optional(),
  }),
  z
    .strictObject({
      op: z.literal("match"),
      pattern: z.string().min(1).max(MAX_PATTERN_LENGTH),
      group: z.int().min(0).max(20).default(0),
    })
    .describe(
      "The first match of a pattern in RE2's syntax (no look-around, no back-references), or a group of it; null where nothing matches.",
    ),
  z.strictObject({ op: z.literal("split"), by: Text }).describe("A list of the parts, trimmed."),
  z.strictObject({ op: z.literal("join"), with: z.string().max(20).default(", ") }),
  z.strictObject({ op: z.literal("unique") }),
  z.strictObject({ op: z.literal("count") }),
  z.strictObject({ op: z.literal("at"), index: z.int().min(-1_000).max(1_000) }),
]);
export type Transform = z.output<typeof TransformSchema>;

export const TransformsSchema = z.array(TransformSchema).min(1).max(10);
