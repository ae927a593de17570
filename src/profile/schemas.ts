import { z } from "@hono/zod-openapi";
import { MODES } from "#chat/service";
import { ROLES } from "#platform/principal";
import { EXPLANATION_STYLES, OUTPUT_STRUCTURES, SKILL_LEVELS } from "./service";

const time = z.iso.datetime({ precision: 3 });
const text = (max: number) => z.string().trim().min(1).max(max).nullable().default(null);

/** IANA's name of a zone, as the runtime knows it. */
function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

const PROFILE = {
  display_name: text(100).openapi({ example: "Jiwoo" }),
  bio: text(2_000).openapi({ example: "Data engineer in Seoul" }),
  organization: text(200).openapi({ example: "Naru" }),
  website: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .nullable()
    .default(null)
    .openapi({ example: "https://example.com" }),
  time_zone: z
    .string()
    .max(64)
    .refine(isTimeZone, {
      params: {
        code: "unknown_time_zone",
        en: "No time zone has this name",
        ko: "이런 이름의 시간대는 없습니다",
      },
    })
    .nullable()
    .default(null)
    .openapi({ example: "Asia/Seoul" }),
  interests: z
    .array(z.string().trim().min(1).max(50))
    .max(30)
    .default([])
    .openapi({ example: ["python", "maps"] }),
};

export const PutProfileSchema = z
  .strictObject(PROFILE)
  .openapi("PutProfile", { description: "Replaces the profile: what is left out is empty." });

export const ProfileSchema = z
  .object({
    id: z.string().openapi({ example: "usr_01kcm4v7d0g3q6zr1w8n5tbe2y" }),
    email: z.string().nullable().openapi({
      description: "As the account has it; null for an owner that is no person.",
      example: "jiwoo@example.com",
    }),
    name: z.string().nullable().openapi({ example: "Kim Jiwoo" }),
    role: z.enum(ROLES),
    display_name: z.string().nullable(),
    bio: z.string().nullable(),
    organization: z.string().nullable(),
    website: z.string().nullable(),
    time_zone: z.string().nullable(),
    interests: z.array(z.string()),
    updated_at: time.nullable().openapi({ description: "Null before the first change." }),
  })
  .openapi("UserProfile");
export type ProfileBody = z.infer<typeof ProfileSchema>;

const SETTINGS = {
  pythonSkillLevel: z.enum(SKILL_LEVELS).nullable().default(null).openapi({ example: "beginner" }),
  codeOutputStructure: z
    .enum(OUTPUT_STRUCTURES)
    .nullable()
    .default(null)
    .openapi({ example: "detailed" }),
  explanationStyle: z
    .enum(EXPLANATION_STYLES)
    .nullable()
    .default(null)
    .openapi({ example: "educational" }),
  default_mode: z
    .enum(MODES.map(({ id }) => id))
    .nullable()
    .default(null)
    .openapi({ description: "The mode of new conversations.", example: "tutor" }),
  save_history: z.boolean().default(true).openapi({
    description: "Whether answers are written to the history. What is there already stays.",
  }),
};

export const PutSettingsSchema = z.strictObject(SETTINGS).openapi("PutSettings", {
  description: "Replaces the settings: what is left out, or null, is as the deployment has it.",
});

export const SettingsSchema = z
  .object({
    pythonSkillLevel: z.enum(SKILL_LEVELS).nullable(),
    codeOutputStructure: z.enum(OUTPUT_STRUCTURES).nullable(),
    explanationStyle: z.enum(EXPLANATION_STYLES).nullable(),
    default_mode: z.string().nullable(),
    save_history: z.boolean(),
    updated_at: time.nullable().openapi({ description: "Null before the first change." }),
  })
  .openapi("UserSettings");
export type SettingsBody = z.infer<typeof SettingsSchema>;
