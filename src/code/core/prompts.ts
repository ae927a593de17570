import type { Locale } from "#platform/locale";
import { languageLabel } from "./answer-parts";
import type { Issue } from "./issue";
import type { CodeProfile } from "./profile";
import { PROMPT_TEXTS } from "./prompt-texts";

/** Counts as another prompt to whoever keeps answers: raise it with every change of the texts. */
export const PROMPT_VERSION = 1;

export interface PromptMessage {
  readonly role: "system" | "user";
  readonly content: string;
}

export interface GenerationQuestion {
  readonly question: string;
  /** Code that the answer has to fit; empty for none. */
  readonly context: string;
  /** Empty where the question itself says it. */
  readonly language: string;
  readonly profile: CodeProfile;
  readonly locale: Locale;
}

/** What a model is told to write code by. */
export function generationPrompt(asked: GenerationQuestion): PromptMessage[] {
  const texts = PROMPT_TEXTS[asked.locale];
  const { profile } = asked;
  const rules = [
    systemText(asked.locale, asked.language),
    texts.skill[profile.pythonSkillLevel],
    texts.structure[profile.codeOutputStructure],
    texts.style[profile.explanationStyle],
  ];
  const parts = [asked.question];
  if (asked.context.trim() !== "") parts.push(texts.context, quoted("CONTEXT", asked.context));
  return [
    { role: "system", content: rules.join("\n") },
    { role: "user", content: parts.join("\n\n") },
  ];
}

const MAX_TOLD_ISSUES = 20;

/** What a model is told to mend code by. */
export function repairPrompt(
  asked: Pick<GenerationQuestion, "language" | "locale" | "question">,
  code: string,
  issues: readonly Issue[],
): PromptMessage[] {
  const list = issues
    .slice(0, MAX_TOLD_ISSUES)
    .map(({ line, column, rule, message }) => `${line}:${column} ${rule} ${message}`);
  return [
    { role: "system", content: systemText(asked.locale, asked.language) },
    {
      role: "user",
      content: [
        asked.question,
        PROMPT_TEXTS[asked.locale].repair,
        quoted("CODE", code),
        quoted("ERRORS", list.join("\n")),
      ].join("\n\n"),
    },
  ];
}

/** What a model is told to go on with code by. */
export function completionPrompt(
  before: string,
  after: string,
  context: string,
  language: string,
): PromptMessage[] {
  const texts = PROMPT_TEXTS.en;
  const parts = [texts.complete];
  if (context.trim() !== "") parts.push(texts.context, quoted("CONTEXT", context));
  if (after.trim() !== "") parts.push(quoted("AFTER THE CURSOR", after));
  parts.push(quoted("CODE", before));
  return [
    { role: "system", content: systemText("en", language) },
    { role: "user", content: parts.join("\n\n") },
  ];
}

function systemText(locale: Locale, language: string): string {
  const texts = PROMPT_TEXTS[locale];
  return texts.system
    .replaceAll("{language}", language === "" ? texts.anyLanguage : language)
    .replaceAll("{label}", language === "" ? texts.anyLabel : languageLabel(language));
}

/** Data between lines that it cannot forge: a line of its own that looks like one is set in by a space. */
const quoted = (name: string, data: string): string =>
  `BEGIN ${name}\n${data.replaceAll(/^(?=(?:BEGIN|END) )/gm, " ")}\nEND ${name}`;
