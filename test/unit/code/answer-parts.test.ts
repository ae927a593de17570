import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AnswerSplitter, splitAnswer } from "#code/core/answer-parts";
import { codeEvents } from "#code/core/stream-format";

test.each([
  ["a block and an explanation", "```python\nx = 1\n```\nSets x.", "x = 1", "Sets x."],
  ["an explanation around it", "Here:\n\n```py\nx = 1\n```\n\nDone.", "x = 1", "Here:\n\nDone."],
  ["a block without a label", "```\nx = 1\n```", "x = 1", ""],
  ["a block that never ends", "```python\nx = 1\ny = 2", "x = 1\ny = 2", ""],
  ["tildes", "~~~python\nx = 1\n~~~\nok", "x = 1", "ok"],
  ["a longer fence around fences", "````python\n'''\n```\n'''\n````\nok", "'''\n```\n'''", "ok"],
  ["a fence in a text of the code", "```python\nx = '```'\n```\nok", "x = '```'", "ok"],
  ["two blocks", "```python\na = 1\n```\nand\n```python\nb = 2\n```", "a = 1\n\nb = 2", "and"],
  [
    "a block of a shell beside it",
    "```bash\npip install x\n```\n```python\nimport x\n```",
    "import x",
    "```bash\npip install x\n```",
  ],
  ["lines of Windows", "```python\r\nx = 1\r\n```\r\nok", "x = 1", "ok"],
  ["no block", "I cannot do that.", "", "I cannot do that."],
  ["nothing", "", "", ""],
  ["indented code keeps its first indentation", "```python\n\n    x = 1\n```", "    x = 1", ""],
  ["an indented fence", "1. so:\n   ```python\nx = 1\n   ```", "x = 1", "1. so:"],
  ["inline code", "Use `x` and ``y``.", "", "Use `x` and ``y``."],
])("%s", (_name, text, code, explanation) => {
  expect(splitAnswer(text, "python")).toEqual({ language: "python", code, explanation });
});

describe("whatever a model writes", () => {
  const piece = fc.constantFrom(
    "```",
    "````",
    "~~~",
    "```python",
    "```bash",
    "\n",
    "\r\n",
    "x = 1",
    " ",
    "😀",
    "\ud83d",
    "\ude00",
    "\0",
    "\u001b[2J",
    '{"type":"done"}',
    "data: x\n\n",
  );
  const answers = fc.array(piece, { maxLength: 40 });

  test("comes out the same in one piece and in many, well-formed and without control characters", () => {
    fc.assert(
      fc.property(answers, (pieces) => {
        const parts = (texts: readonly string[]): Record<string, string> => {
          const splitter = new AnswerSplitter("python");
          const all = { code: "", explanation: "" };
          for (const part of [...texts.flatMap((text) => splitter.add(text)), ...splitter.end()])
            all[part.type] += part.content;
          return all;
        };
        // A carriage return whose line feed comes with the next piece is a character of its own.
        const whole = pieces.join("").replaceAll("\r\n", "\n");
        const bits = whole.split(/(?<=\n)|(?= )/);
        expect(parts(bits)).toEqual(parts([whole]));
        const { code, explanation } = splitAnswer(whole, "python");
        expect(code.isWellFormed() && explanation.isWellFormed()).toBe(true);
        expect(code + explanation).not.toMatch(/\p{Cc}(?<![\t\n\r])/u);
      }),
    );
  });

  test("makes a stream of exactly three members, numbered from 0 without a gap, that ends once", () => {
    fc.assert(
      fc.property(answers, fc.boolean(), (pieces, isWell) => {
        const map = codeEvents("python", "str_1");
        const events = [
          ...map(null),
          ...pieces.flatMap((text) => map({ type: "delta", text })),
          ...map(isWell ? { type: "done", summary: "{}" } : { type: "error", message: "cut" }),
        ];
        expect(events.map(({ sequence }) => sequence)).toEqual(
          events.map((_event, index) => index),
        );
        for (const event of events)
          expect(Object.keys(event)).toEqual(["type", "content", "sequence"]);
        expect(events[0]?.type).toBe("start");
        expect(events.filter(({ type }) => type === "done" || type === "error")).toEqual([
          events.at(-1),
        ]);
        expect(events.filter(({ type }) => type === "start")).toHaveLength(1);
      }),
    );
  });
});

test("where no language was asked for, the first block that names one decides", () => {
  const text = "```sql\nSELECT 1;\n```\n```bash\npsql\n```";
  expect(splitAnswer(text, "")).toEqual({
    language: "sql",
    code: "SELECT 1;",
    explanation: "```bash\npsql\n```",
  });
  expect(splitAnswer("```\nx\n```", "")).toMatchObject({ language: "", code: "x" });
});

test("what cannot be a fence is passed on before its line ends", () => {
  const splitter = new AnswerSplitter("python");
  expect(splitter.add("```py")).toEqual([]);
  expect(splitter.add("thon\nx =")).toEqual([{ type: "code", content: "x =" }]);
  expect(splitter.add(" 1\n``")).toEqual([{ type: "code", content: " 1\n" }]);
  expect(splitter.add("`\nok")).toEqual([{ type: "explanation", content: "ok" }]);
});
