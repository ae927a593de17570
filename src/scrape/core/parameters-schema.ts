/** The part of JSON Schema 2020-12 that a script's parameters are described in. */
import * as z from "zod";
import { FieldNameSchema } from "./field-name";
import { MAX_PATTERN_LENGTH } from "./transform-spec";

const LEVELS = 4;
const MAX_PROPERTIES = 50;

const own = (code: string, en: string, ko: string) => ({ params: { code, en, ko } });

export interface ParameterSchema {
  readonly type: "string" | "number" | "integer" | "boolean" | "array" | "object";
  readonly default?: unknown;
  readonly pattern?: string | undefined;
  readonly properties?: { readonly [name: string]: ParameterSchema } | undefined;
  readonly required?: readonly string[] | undefined;
  readonly additionalProperties?: boolean | undefined;
  readonly items?: ParameterSchema | undefined;
  readonly [keyword: string]: unknown;
}

const Scalar = z.union([z.string().max(1_000), z.number(), z.boolean()]);
const Count = z.int().min(0).max(100_000);

const about = {
  title: z.string().max(100).optional(),
  description: z.string().max(1_000).optional(),
  examples: z.array(z.json()).max(10).optional(),
};
const scalar = {
  ...about,
  enum: z.array(Scalar).min(1).max(200).optional(),
  const: Scalar.optional(),
  default: Scalar.optional(),
};

const StringSchema = z.strictObject({
  type: z.literal("string"),
  ...scalar,
  minLength: Count.optional(),
  maxLength: Count.optional(),
  pattern: z.string().min(1).max(MAX_PATTERN_LENGTH).optional(),
  format: z.enum(["uri", "email", "uuid", "date", "date-time"]).optional(),
});
const number = {
  ...scalar,
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  multipleOf: z.number().positive().optional(),
};
const NumberSchema = z.strictObject({ type: z.literal("number"), ...number });
const IntegerSchema = z.strictObject({ type: z.literal("integer"), ...number });
const BooleanSchema = z.strictObject({ type: z.literal("boolean"), ...scalar });

const SCALARS = [StringSchema, NumberSchema, IntegerSchema, BooleanSchema] as const;

const NAMES_ONLY = own(
  "unknown_field",
  "Every required name has to be declared in properties",
  "required의 이름은 모두 properties에 있어야 합니다",
);

const objectSchema = (levels: number) =>
  z
    .strictObject({
      type: z.literal("object"),
      ...about,
      default: z.record(z.string(), z.json()).optional(),
      properties: z
        .record(FieldNameSchema, parameterSchema(levels - 1))
        .refine((properties) => Object.keys(properties).length <= MAX_PROPERTIES, {
          ...own(
            "too_big",
            `At most ${MAX_PROPERTIES} properties`,
            `properties는 ${MAX_PROPERTIES}개까지입니다`,
          ),
        })
        .default({}),
      required: z.array(FieldNameSchema).max(MAX_PROPERTIES).optional(),
      additionalProperties: z.literal(false).optional(),
    })
    .refine(
      ({ properties, required = [] }) => required.every((name) => Object.hasOwn(properties, name)),
      { ...NAMES_ONLY, path: ["required"] },
    );

const arraySchema = (levels: number) =>
  z.strictObject({
    type: z.literal("array"),
    ...about,
    default: z.array(z.json()).max(200).optional(),
    items: parameterSchema(levels - 1),
    minItems: Count.optional(),
    maxItems: Count.optional(),
    uniqueItems: z.boolean().optional(),
  });

function parameterSchema(levels: number): z.ZodType<ParameterSchema> {
  const schema =
    levels > 1
      ? z.discriminatedUnion("type", [...SCALARS, arraySchema(levels), objectSchema(levels)])
      : z.discriminatedUnion("type", SCALARS);
  return schema as unknown as z.ZodType<ParameterSchema>;
}

/** What a script's `parameters` may be: an object, whose members nest so deep at most. */
export const ParametersSchemaSchema = objectSchema(LEVELS).extend({
  $schema: z.literal("https://json-schema.org/draft/2020-12/schema").optional(),
}) as unknown as z.ZodType<ParameterSchema>;
