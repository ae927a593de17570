/** What is copied as it stands: quoted texts and comments; else a word that begins in Hangul. */
const PIECES =
  /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S])*"|%[^\n]*|\/\*[\s\S]*?\*\/|0'.|([A-Za-z0-9_]*)([가-힣][가-힣A-Za-z0-9_]*)/g;

/** Words in Hangul are atoms, as they are to other Prologs; this engine knows them only in quotes. */
export const quoteHangul = (text: string): string =>
  text.replaceAll(PIECES, (whole, before: string | undefined, word: string | undefined) =>
    word === undefined || before !== "" ? whole : `'${word}'`,
  );

export const unquoteHangul = (text: string): string =>
  text.replaceAll(/'([가-힣][가-힣A-Za-z0-9_]*)'/g, "$1");
