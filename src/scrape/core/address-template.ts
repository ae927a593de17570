/** Addresses with parameters in braces: what a script fetches first. */
import type { JsonObject, JsonValue } from "#platform/json-value";
import type { ParameterSchema } from "./parameters-schema";
import type { LocalText } from "./script";

const PLACEHOLDER = /\{(\p{L}[\p{L}\p{M}\p{N}_-]{0,63})\}/gu;
const WHOLE = /^\{([^{}]+)\}$/u;
/** Scheme and host are written out: a parameter that stands alone is the whole address, and judged as one. */
const FIXED_HOST = /^https?:\/\/[^/?#{}\s]+(?:[/?#]|$)/i;
const SCALARS: ReadonlySet<string> = new Set(["string", "number", "integer", "boolean"]);

/** What is wrong with a template, for people; null where it can always be filled in. */
export function faultOfTemplate(template: string, parameters: ParameterSchema): LocalText | null {
  const whole = WHOLE.exec(template);
  if (whole === null && !FIXED_HOST.test(template))
    return {
      en: "It is either one parameter in braces, or begins with http:// or https:// and a host",
      ko: "중괄호 안의 매개변수 하나이거나, http:// 또는 https://와 호스트로 시작해야 합니다",
    };
  if (/[{}]/.test(template.replaceAll(PLACEHOLDER, "")))
    return {
      en: "A brace that is meant as such is written %7B or %7D",
      ko: "중괄호 문자 자체는 %7B나 %7D로 써야 합니다",
    };
  for (const [, name = ""] of template.matchAll(PLACEHOLDER)) {
    const schema = parameters.properties?.[name];
    if (schema === undefined || !SCALARS.has(schema.type))
      return {
        en: `{${name}} is no declared parameter that is a text, a number or a boolean`,
        ko: `{${name}}은(는) 선언된 문자열, 숫자, 불리언 매개변수가 아닙니다`,
      };
    if (schema.default === undefined && parameters.required?.includes(name) !== true)
      return {
        en: `{${name}} has to be required, or have a default`,
        ko: `{${name}}은(는) 필수이거나 기본값이 있어야 합니다`,
      };
  }
  return null;
}

/** A template with the parameters of a run: percent-encoded (RFC 3986), but for one that is the whole address. */
export function fillTemplate(template: string, parameters: JsonObject): string {
  const whole = WHOLE.exec(template)?.[1];
  if (whole !== undefined) return textOf(parameters[whole]).trim();
  return template.replaceAll(PLACEHOLDER, (_whole, name: string) =>
    // A lone surrogate has no UTF-8 form, and encoding one throws.
    encodeURIComponent(textOf(parameters[name]).toWellFormed()),
  );
}

/** Templates name texts, numbers and booleans only; anything else was refused with the script. */
const textOf = (value: JsonValue | undefined): string =>
  typeof value === "string"
    ? value
    : typeof value === "number" || typeof value === "boolean"
      ? String(value)
      : "";
