import * as z from "zod";

/** A letter first: no name of a field can be a special property, or `_truncated`, which results use. */
export const FieldNameSchema = z
  .string()
  .regex(/^\p{L}[\p{L}\p{M}\p{N}_-]{0,63}$/u)
  .refine((name) => name !== "constructor" && name !== "prototype", {
    params: { code: "reserved", en: "This name is reserved", ko: "쓸 수 없는 이름입니다" },
  });
