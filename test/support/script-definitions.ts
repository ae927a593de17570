/** Scripts as people write them, for tests: the definition in its stored form, and what is wrong with one. */
import { fillTemplate } from "#scrape/core/address-template";
import { extractPage } from "#scrape/core/extract";
import { checkParameters } from "#scrape/core/parameters-check";
import { faultsOfScript } from "#scrape/core/script-check";
import { ScriptDefinitionSchema } from "#scrape/core/script-definition";
import type { ScriptDefinition } from "#scrape/core/script-definition";
import { planScript } from "#scrape/core/script-plan";
import { runRoute } from "#scrape/core/script-run";
import type { PageFailure, RunPorts, ScriptRun, SourcePage } from "#scrape/core/script-run";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";

export const HOME = "https://ferry.example.com/";

const ONE_URL = {
  type: "object",
  properties: { url: { type: "string", format: "uri" } },
  required: ["url"],
};

/** The JSON of a script that does these steps after its fetch. */
export const scriptJson = (steps: readonly object[], more: object = {}) => ({
  version: "1.0.0",
  title: "Test",
  parameters: ONE_URL,
  steps: [{ fetch: "{url}" }, ...steps],
  ...more,
});

/** As it is stored; throws where the form is wrong. */
export const define = (steps: readonly object[], more: object = {}): ScriptDefinition =>
  ScriptDefinitionSchema.parse(scriptJson(steps, more));

/** What is wrong with a script of the right form: `pointer code`. */
export const faultsOf = (steps: readonly object[], more: object = {}): string[] =>
  faultsOfScript(define(steps, more), [], "en").map(({ pointer, code }) => `${pointer} ${code}`);

const encoder = new TextEncoder();

/** Runs a script over a site of pages by address; what is not there answers 404. */
export async function runOver(
  definition: ScriptDefinition,
  site: Readonly<Record<string, string>>,
  parameters: Record<string, unknown> = { url: HOME },
  ports: Partial<RunPorts<SourcePage, PageFailure>> = {},
): Promise<Result<ScriptRun<SourcePage>, PageFailure>> {
  const { address, route } = planScript(definition);
  const checked = checkParameters(definition.parameters, parameters, "", "en");
  if (!checked.ok) throw new Error(JSON.stringify(checked.error));
  const url = fillTemplate(address, checked.value);
  return runRoute<SourcePage, PageFailure>(url, route, definition.limits.pages, {
    async fetchPage(page) {
      const html = site[page];
      if (html === undefined) return err({ code: "TARGET_STATUS", params: { status: 404 } });
      return ok({ body: encoder.encode(html), contentType: "text/html", url: page, status: 200 });
    },
    async readPage({ body, contentType, url: address }, plan) {
      return extractPage({ body, contentType, url: address, plan });
    },
    isOver: () => false,
    ...ports,
  });
}

/** The values of a run that came to an end; throws where it failed. */
export async function valuesOver(
  ...run: Parameters<typeof runOver>
): Promise<ScriptRun<SourcePage>["values"]> {
  const result = await runOver(...run);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value.values;
}
