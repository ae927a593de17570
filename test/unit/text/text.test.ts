import { describe, expect, test } from "vitest";
import { detectLanguage } from "#language/service";
import { findEntities, findKeywords, splitSentences, summarise } from "#text/service";

const ENGLISH = `The ferry service across the river was founded in 1902. Today the ferry carries two thousand passengers across the river every day.
The weather was mild on Tuesday. A new electric ferry will replace the old diesel boats next year, and passengers will cross the river in half the time.
Lunch is served at noon. The city pays for the electric ferry with a loan. Dr. Kim, who runs the ferry service, says that passengers asked for more crossings of the river in the evening.`;

const KOREAN = `강을 건너는 나루는 1902년에 문을 열었다. 오늘도 나루의 배는 하루 이천 명의 승객을 태우고 강을 건넌다. 화요일 날씨는 맑았다.
내년에는 새 전기 배가 낡은 디젤 배를 대신하여 승객은 절반의 시간에 강을 건너게 된다. 점심은 열두 시에 나온다. 시는 전기 배를 빌린 돈으로 산다.`;

describe("sentences", () => {
  test.each([
    ["en", "It works. Does it? Yes!", ["It works.", "Does it?", "Yes!"]],
    ["en", "Dr. Kim met J. Lee. They spoke.", ["Dr. Kim met J. Lee.", "They spoke."]],
    ["en", "Pi is 3.14 or so. Good.", ["Pi is 3.14 or so.", "Good."]],
    ["en", "A heading\n\nA text.\n---\n", ["A heading", "A text."]],
    [
      "ko",
      "나루가 열렸다. 배가 온다! 정말요? 네.",
      ["나루가 열렸다.", "배가 온다!", "정말요?", "네."],
    ],
    ["en", "", []],
  ])("in %s of %j", (language, text, expected) => {
    expect(splitSentences(text, language)).toEqual(expected);
  });
});

describe("a summary", () => {
  test.each([
    ["en", ENGLISH, [/weather/, /Lunch/], /ferry/],
    ["ko", KOREAN, [/날씨/, /점심/], /강/],
  ] as const)(
    "in %s leaves out what the rest is not about, word for word and in order",
    (language, text, out, about) => {
      const { summary, sentences, total } = summarise(text, language, 2);
      expect(sentences).toHaveLength(2);
      expect(total).toBe(language === "en" ? 7 : 6);
      for (const { text: sentence } of sentences) {
        expect(text.replaceAll("\n", " ")).toContain(sentence);
        expect(sentence).toMatch(about);
      }
      for (const pattern of out) expect(summary).not.toMatch(pattern);
      expect(sentences.map(({ position }) => position)).toEqual(
        sentences.map(({ position }) => position).sort((a, b) => a - b),
      );
    },
  );

  test("of one sentence is that sentence, of nothing nothing, and always the same", () => {
    expect(summarise("Only this.", "en").summary).toBe("Only this.");
    expect(summarise("", "en")).toEqual({ summary: "", sentences: [], total: 0 });
    expect(summarise(ENGLISH, "en")).toEqual(summarise(ENGLISH, "en"));
  });

  test("of a text without end is one of its beginning", () => {
    expect(summarise("The same ferry again. ".repeat(20_000), "en").total).toBe(500);
    expect(summarise("가".repeat(500_000), "ko").summary.length).toBeLessThanOrEqual(2_000);
  });
});

test.each([
  ["en", ENGLISH, ["ferry", "river", "passengers"]],
  ["ko", KOREAN, ["승객", "전기"]],
])("keywords in %s are what the text turns on", (language, text, expected) => {
  const words = findKeywords(text, language, 8).map(({ word }) => word);
  expect(words).toEqual(expect.arrayContaining(expected));
  expect(words).not.toEqual(expect.arrayContaining(["the"]));
});

test.each([
  ["The ferry leaves at nine.", "en"],
  ["나루는 엣지에서 도는 API 서버입니다.", "ko"],
  ["Cloudflare Workers에서 Durable Objects를 씁니다", "ko"],
  ["El barco sale a las nueve de la mañana.", "es"],
  ["Le bateau part à neuf heures du matin.", "fr"],
  ["Das Schiff fährt um neun Uhr ab.", "de"],
  ["船は九時に出ます。", "ja"],
  ["渡轮九点出发,请提前到达码头。", "zh"],
  ["Паром отходит в девять часов утра.", "ru"],
  ["12345 !!", null],
  ["", null],
  ["Hello", null],
])("the language of %j is %s", (text, code) => {
  expect(detectLanguage(text).code).toBe(code);
});

test("entities are found by their form, each once, where they stand", () => {
  const text =
    "Mail kim@example.com or see https://example.com/a?b=1. On 2026-03-01 at 09:30 and 2026년 3월 2일 오후 3시, call 02-123-4567. It costs $1,200.50 or 3만 원, 15% off, for 42 people.";
  const found = findEntities(text).map(({ kind, text }) => `${kind} ${text}`);
  expect(found).toEqual([
    "email kim@example.com",
    "url https://example.com/a?b=1",
    "date 2026-03-01",
    "time 09:30",
    "date 2026년 3월 2일",
    "time 오후 3시",
    "phone 02-123-4567",
    "money $1,200.50",
    "money 3만 원",
    "percentage 15%",
    "number 42",
  ]);
  for (const { text: piece, position } of findEntities(text))
    expect(text.slice(position)).toContain(piece);
});

test("texts made to run a pattern long end as soon as others", () => {
  for (const text of [
    "a@".repeat(50_000),
    "1,".repeat(50_000),
    "http://".repeat(20_000),
    "1.".repeat(50_000),
    "a".repeat(100_000) + "@",
    "+".repeat(100_000),
  ])
    expect(findEntities(text).length).toBeLessThanOrEqual(500);
});
