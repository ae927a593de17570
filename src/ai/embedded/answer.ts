import { detectLocale } from "./locale";
import { findRecipe } from "./cookbook";
import type { Recipe } from "./recipes/recipe";
import type { ModelRequest } from "#ai/core/port";
import { summarise, splitSentences } from "#text/service";

/** What the provider can say to a request, or null where it would have to invent. */
export function answerFor(request: ModelRequest): string | null {
  // A form is asked for that only a model can fill.
  if (request.jsonSchema !== undefined || request.extra?.["response_format"] !== undefined)
    return null;
  const asked = questionOf(request);
  if (asked === null) return null;
  const { purpose } = request;
  if (purpose === "code") return recipeFor(request, asked);
  if (purpose === "summarization") return summaryOf(asked);
  return purpose === "chat" || purpose === "openai" ? chat(request, asked) : null;
}

const CODE_MODES = ["assistant", "coder", "tutor"];
const SUMMARY_MODES = ["summariser", "summarizer"];

function chat(request: ModelRequest, asked: string): string | null {
  const mode = textHint(request, "mode");
  if (mode !== null && SUMMARY_MODES.includes(mode)) return summaryOf(asked);
  if (mode !== null && !CODE_MODES.includes(mode)) return null;
  const text = textToSummarise(asked);
  return text === null ? recipeFor(request, asked) : summaryOf(text);
}

/** The question itself, where the caller tells it apart from what stands around it in the prompt. */
function questionOf(request: ModelRequest): string | null {
  const hint = textHint(request, "question");
  if (hint !== null) return hint;
  const last = request.messages.at(-1);
  // After a tool's answer, or with parts such as pictures, there is more to a question than its words.
  if (last?.role !== "user" || Array.isArray(last.extra?.["content"])) return null;
  return last.content.trim() === "" ? null : last.content;
}

function textHint({ hints }: ModelRequest, name: string): string | null {
  const hint = hints?.[name];
  return typeof hint === "string" && hint.trim() !== "" ? hint : null;
}

function recipeFor(request: ModelRequest, question: string): string | null {
  const found = findRecipe(question, textHint(request, "language"));
  if (found === null) return null;
  const locale = textHint(request, "locale");
  const isKnown = locale === "ko" || locale === "en";
  return written(found.recipe, isKnown ? locale : detectLocale(question));
}

const written = ({ title, explanation, code, language }: Recipe, locale: "ko" | "en"): string =>
  `**${title[locale]}**\n\n\`\`\`${language}\n${code}\`\`\`\n\n${explanation[locale]}\n`;

const ASKS_FOR_SUMMARY =
  /^\s*(?:(?:please\s+)?(?:summari[sz]e|give (?:me )?a summary of|tl;?dr)(?:\s+(?:this|the following)(?:\s+(?:text|article|passage))?(?:\s+in \w+ sentences?)?)?|(?:다음|아래|이)?\s*(?:글|텍스트|문서|기사|내용)?(?:을|를)?\s*(?:\S+ ?문장으로\s*)?요약(?:해|해줘|해 줘|해 주세요|해주세요|하세요|해줘요)?)\s*[:.\n]/i;
/** A request for a summary of less is one that has no text. */
const LEAST_SENTENCES = 3;

/** The text that comes with a request for a summary, or null where it is no such request or has none. */
function textToSummarise(asked: string): string | null {
  const request = ASKS_FOR_SUMMARY.exec(asked);
  return request === null ? null : asked.slice(request[0].length).trim();
}

function summaryOf(text: string): string | null {
  const language = detectLocale(text);
  return splitSentences(text, language).length < LEAST_SENTENCES
    ? null
    : summarise(text, language).summary;
}
