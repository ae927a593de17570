import type { JsonObject } from "#platform/json-value";
import { utf8 } from "#platform/bytes";
import { ApiError, errorText } from "#platform/errors";
import type { ErrorCode, ErrorParams } from "#platform/errors";
import type { Locale } from "#platform/locale";
import { err, ok } from "#platform/result";
import { fillTemplate } from "./core/address-template";
import { withoutFragment } from "./core/page-address";
import type { ScriptDefinition } from "./core/script-definition";
import { planScript } from "./core/script-plan";
import { RUN_LIMITS, runRoute } from "./core/script-run";
import type { PageFailure, SourcePage } from "./core/script-run";
import { presentRun } from "./own-script";
import type { PreviewBody } from "./schemas";
import { isBuiltIn, requireSound, resolveScript } from "./scripts";
import { answerOf, refusedByTool, toolsOf } from "./tools-client";
import type { Script } from "./core/script";

export interface Preview {
  readonly name: string;
  readonly version: string;
  readonly status: "completed" | "failed";
  readonly data: JsonObject | null;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly detail: string | null;
  } | null;
}

type PreviewEnv = Pick<Env, "DB" | "TOOLS">;

/** What a page is taken to be at where neither the caller nor the script says. */
const NOWHERE = "https://example.com/";

/**
 * Runs a script over the pages of the request alone: no network, nothing kept. Refuses with SCRIPT_NOT_FOUND,
 * SCRIPT_NAME_RESERVED, and VALIDATION_FAILED for the parameters or the definition that was sent.
 */
export async function previewScript(
  env: PreviewEnv,
  ownerId: string,
  name: string,
  request: PreviewBody,
  locale: Locale,
): Promise<Preview> {
  if (request.definition !== undefined) {
    if (isBuiltIn(name))
      throw new ApiError("SCRIPT_NAME_RESERVED", { params: { script_name: name } });
    await requireSound(env, request.definition, ["definition"], locale);
    return previewOwn(env, name, request.definition, request, locale);
  }
  const resolved = await resolveScript(env, ownerId, name, request.version);
  return resolved.kind === "own"
    ? previewOwn(env, name, resolved.definition, request, locale)
    : previewBuiltIn(env, resolved.script, request, locale);
}

async function previewBuiltIn(
  env: PreviewEnv,
  script: Script,
  request: PreviewBody,
  locale: Locale,
): Promise<Preview> {
  const parameters = { url: request.url ?? NOWHERE, ...request.parameters } as JsonObject;
  const checked = script.check(parameters, "/parameters", locale);
  if (!checked.ok) throw refusedByTool({ ok: false, ...checked.error });
  const address = request.url ?? checked.value["url"];
  const verdict = await answerOf(
    toolsOf(env).extract({
      script: script.name,
      parameters,
      body: utf8(request.content),
      contentType: request.content_type,
      url: typeof address === "string" ? address : NOWHERE,
    }),
  );
  const about = { name: script.name, version: script.version };
  if (!verdict.ok) return failed(about, verdict, locale);
  return { ...about, status: "completed", data: verdict.data, error: null };
}

async function previewOwn(
  env: PreviewEnv,
  name: string,
  definition: ScriptDefinition,
  request: PreviewBody,
  locale: Locale,
): Promise<Preview> {
  const tools = toolsOf(env);
  const checked = await answerOf(
    tools.checkParameters(definition.parameters, request.parameters, "/parameters", locale),
  );
  if (!checked.ok) throw refusedByTool(checked);
  const { address, route } = planScript(definition);
  const filled = fillTemplate(address, checked.parameters);
  const url = withoutFragment(request.url ?? (URL.canParse(filled) ? filled : NOWHERE));
  const supplied = new Map(request.pages.map((page) => [withoutFragment(page.url), page]));
  // The first page wins over one of the same address among the further ones.
  supplied.set(url, { ...request, url });
  const result = await runRoute<SourcePage, PageFailure>(url, route, definition.limits.pages, {
    async fetchPage(wanted) {
      const page = supplied.get(withoutFragment(wanted));
      if (page === undefined) return err({ code: "PAGE_NOT_SUPPLIED" });
      const { content, content_type: contentType } = page;
      return ok({ body: utf8(content), contentType, url: page.url, status: 200 });
    },
    async readPage({ body, contentType, url: address }, plan) {
      const verdict = await answerOf(tools.extractPage({ body, contentType, url: address, plan }));
      return verdict.ok ? ok(verdict) : err(verdict);
    },
    isOver: () => false,
    tooLarge: { code: "RESULT_TOO_LARGE", params: { limit: RUN_LIMITS.resultBytes } },
  });
  const about = { name, version: definition.version };
  if (!result.ok) return failed(about, result.error, locale);
  return { ...about, status: "completed", data: presentRun(definition, result.value), error: null };
}

function failed(
  about: Pick<Preview, "name" | "version">,
  { code, params }: { readonly code: string; readonly params?: ErrorParams },
  locale: Locale,
): Preview {
  // The first page is always supplied, so that the code is one of the table's.
  const { error, detail } = errorText(code as ErrorCode, locale, params);
  return { ...about, status: "failed", data: null, error: { code, message: error, detail } };
}
