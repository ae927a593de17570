import { describe, expect, test } from "vitest";
import { findRecipe } from "../../../src/ai/embedded/cookbook";
import { RECIPES } from "../../../src/ai/embedded/recipes/book";
import { ANSWERED } from "./questions";
import { REFUSED } from "./questions-refused";

describe("a question that a recipe answers finds it", () => {
  test.each(ANSWERED)("%s", (question, id) => {
    expect(findRecipe(question)?.recipe.id ?? null).toBe(id);
  });

  test("there is one for each recipe in both languages", () => {
    for (const { id } of RECIPES) {
      const questions = ANSWERED.filter(([, answer]) => answer === id).map(([text]) => text);
      expect([id, questions.some((text) => !/[가-힣]/.test(text))]).toEqual([id, true]);
    }
  });

  test("by each recipe's own title, in both languages", () => {
    for (const { id, title, language } of RECIPES)
      for (const text of [title.ko, title.en])
        expect([text, findRecipe(text, language)?.recipe.id]).toEqual([text, id]);
  });
});

describe("a question that no recipe answers is refused", () => {
  test.each(REFUSED)("%s", (question) => {
    expect(findRecipe(question)?.recipe.id ?? null).toBe(null);
  });

  test("also where the caller set the language", () => {
    expect(findRecipe("delete a file", "python")).toBe(null);
    expect(findRecipe("read a file", "rust")).toBe(null);
    expect(findRecipe("reverse a string in python", "javascript")).toBe(null);
    expect(findRecipe("reverse a string", "python")?.recipe.id).toBe("python-reverse-string");
  });

  test("and a text that is no question costs no more than its cap", () => {
    expect(findRecipe("파일".repeat(50_000))).toBe(null);
    expect(findRecipe("가".repeat(100_000))).toBe(null);
  });
});
