/** Languages that the server reads with a parser and a linter of their own. */
export const CODE_LANGUAGES = ["python", "javascript", "typescript"] as const;
export type CodeLanguage = (typeof CODE_LANGUAGES)[number];

const ALIASES: Readonly<Record<string, CodeLanguage>> = {
  python: "python",
  python3: "python",
  py: "python",
  javascript: "javascript",
  js: "javascript",
  jsx: "javascript",
  mjs: "javascript",
  node: "javascript",
  typescript: "typescript",
  ts: "typescript",
  tsx: "typescript",
};

/** Names under which a language may be asked for, in any case. */
export const LANGUAGE_NAMES = Object.keys(ALIASES);

/** The language behind a name or an alias; null for one that has no tools here. */
export const codeLanguageOf = (name: string): CodeLanguage | null =>
  Object.hasOwn(ALIASES, name.toLowerCase()) ? (ALIASES[name.toLowerCase()] ?? null) : null;
