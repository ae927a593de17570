import * as z from "zod";
import { readConfig } from "#platform/config";
import type { Config } from "#platform/config";
import { ApiError } from "#platform/errors";
import type { FieldError } from "#platform/errors";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import { checkUrl, createAddressRules } from "#egress/service";
import type { UrlRefusal } from "#egress/service";
import type { JsonObject, KindDefinition } from "#tasks/service";
import { findScript } from "./core/scripts";

/** The input of a scrape as the wire has it, without what concerns its task. */
const InputSchema = z.strictObject({
  script_name: z
    .string()
    .regex(/^[a-zA-Z0-9_-]+$/)
    .max(64),
  script_version: z.string().max(64).optional(),
  parameters: z.record(z.string(), z.unknown()),
});

/**
 * Scrapes. What can be refused without a fetch is refused at the submit, while the caller still listens: an unknown script,
 * parameters that it does not take, an address that is never fetched. Names are resolved when the task runs.
 */
export const scrapeKind: KindDefinition = {
  kind: "scrape",
  scope: "scrape",
  lane: "slow",
  title: "Fetches a page and takes from it what a script describes",
  validate: (input, { env }) => validateScrape(input, readConfig(env)),
};

export function validateScrape(
  input: JsonObject,
  config: Pick<Config, "scrapeAllowHosts" | "scrapeAllowPrivate">,
): Result<JsonObject, ApiError> {
  const parsed = InputSchema.safeParse(input);
  if (!parsed.success) return err(invalid(fieldErrors(parsed.error)));
  const { script_name: name, script_version: version } = parsed.data;
  const script = findScript(name, version);
  if (script === null)
    return err(
      new ApiError("SCRIPT_NOT_FOUND", {
        params: { script_name: version === undefined ? name : `${name}@${version}` },
      }),
    );
  const checked = script.check(parsed.data.parameters);
  if (!checked.ok) {
    const { code, params, errors } = checked.error;
    return err(
      code === "VALIDATION_FAILED"
        ? invalid(errors ?? [])
        : new ApiError(code, { ...(params && { params }), ...(errors && { errors }) }),
    );
  }
  const rules = createAddressRules(config.scrapeAllowHosts, config.scrapeAllowPrivate);
  const address = checked.value["url"];
  const url = checkUrl(typeof address === "string" ? address : "", "user", rules);
  if (!url.ok) return err(notAllowed(url.error));
  return ok({ script_name: name, script_version: script.version, parameters: checked.value });
}

const REFUSALS: Record<UrlRefusal, string> = {
  malformed: "This is no absolute address.",
  too_long: "The address is longer than is fetched.",
  scheme: "Only http and https are fetched.",
  credentials: "An address must not carry a user name or password.",
  port: "This port belongs to another protocol.",
  private_address: "Private, loopback, link-local and reserved addresses are not fetched.",
  private_name: "This name only means something inside a network.",
};

const notAllowed = (refusal: UrlRefusal): ApiError =>
  new ApiError("URL_NOT_ALLOWED", {
    params: { reason: refusal },
    errors: [{ pointer: "/parameters/url", code: refusal, message: REFUSALS[refusal] }],
  });

const invalid = (errors: readonly FieldError[]): ApiError =>
  new ApiError("VALIDATION_FAILED", { params: { count: errors.length }, errors });

const fieldErrors = (error: z.ZodError): FieldError[] =>
  error.issues.flatMap((issue): FieldError[] => {
    const pointer = issue.path.map((token) => `/${escapeToken(String(token))}`).join("");
    return issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({
          pointer: `${pointer}/${escapeToken(key)}`,
          code: issue.code,
          message: issue.message,
        }))
      : [{ pointer, code: issue.code, message: issue.message }];
  });

/** RFC 6901 section 3. */
const escapeToken = (token: string): string => token.replaceAll("~", "~0").replaceAll("/", "~1");
