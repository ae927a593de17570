/** How somebody wants code and its explanation; the names are those of the wire. */
export const SKILL_LEVELS = ["beginner", "intermediate", "advanced", "expert"] as const;
export const OUTPUT_STRUCTURES = ["minimal", "standard", "detailed", "comprehensive"] as const;
export const EXPLANATION_STYLES = ["brief", "standard", "detailed", "educational"] as const;

export interface CodeProfile {
  readonly pythonSkillLevel: (typeof SKILL_LEVELS)[number];
  readonly codeOutputStructure: (typeof OUTPUT_STRUCTURES)[number];
  readonly explanationStyle: (typeof EXPLANATION_STYLES)[number];
}

export const DEFAULT_PROFILE: CodeProfile = {
  pythonSkillLevel: "intermediate",
  codeOutputStructure: "standard",
  explanationStyle: "standard",
};

/** What is asked for wins over what is saved, field by field. */
export function mergeProfiles(
  saved: { readonly [Field in keyof CodeProfile]?: CodeProfile[Field] | undefined } | null,
  asked: { readonly [Field in keyof CodeProfile]?: CodeProfile[Field] | undefined } | undefined,
): CodeProfile {
  return {
    pythonSkillLevel:
      asked?.pythonSkillLevel ?? saved?.pythonSkillLevel ?? DEFAULT_PROFILE.pythonSkillLevel,
    codeOutputStructure:
      asked?.codeOutputStructure ??
      saved?.codeOutputStructure ??
      DEFAULT_PROFILE.codeOutputStructure,
    explanationStyle:
      asked?.explanationStyle ?? saved?.explanationStyle ?? DEFAULT_PROFILE.explanationStyle,
  };
}
