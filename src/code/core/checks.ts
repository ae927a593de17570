/** What a piece of code can be checked for. Validation and analysis name their own; each is a set of rules per language. */
export const VALIDATIONS = ["syntax", "style", "security", "all"] as const;
export type Validation = (typeof VALIDATIONS)[number];

export const ANALYSES = ["performance", "complexity", "security", "quality"] as const;
export type Analysis = (typeof ANALYSES)[number];

export type Check = Validation | Analysis;
