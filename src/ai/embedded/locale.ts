import type { Locale } from "#platform/locale";

/** Korean where Hangul is written at all: Korean questions are full of English names. */
export const detectLocale = (text: string): Locale => (/[가-힣]/.test(text) ? "ko" : "en");
