import * as z from "zod";

const FORM = /^\p{L}[\p{L}\p{M}\p{N}_-]{0,63}$/u;

/** A letter first: no name of a field can be a special property, or `_truncated`, which results use. */
export const FieldNameSchema = z
  .string()
  .regex(FORM)
  .refine((name) => name !== "constructor" && name !== "prototype", {
    params: { code: "reserved", en: "This name is reserved", ko: "쓸 수 없는 이름입니다" },
  });

/**
 * The name of a field that stands elsewhere. Its form is checked by hand: the flag of such an expression has no place in
 * a JSON Schema, and without it the document would say something else.
 */
export const FieldReferenceSchema = z
  .string()
  .min(1)
  .max(64)
  .refine((name) => FORM.test(name) && name !== "constructor" && name !== "prototype", {
    params: {
      code: "invalid_format",
      en: "A name begins with a letter, and has letters, digits, _ and - only",
      ko: "이름은 글자로 시작하고 글자, 숫자, _, -만 쓸 수 있습니다",
    },
  });
