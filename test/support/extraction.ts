import { type Extracted, type ExtractRequest, extract } from "#scrape/core/extract";
import type { Refusal } from "#scrape/core/document";
import type { Result } from "#platform/result";

/** The address of the page that `runScript` reads. */
export const ADDRESS = "https://news.example.com/a/b?c=d#e";

export type Overrides = Partial<Omit<ExtractRequest, "body" | "parameters">> & {
  body?: string | Uint8Array;
  parameters?: Record<string, unknown>;
};

/** Runs a script, `page` unless said otherwise, over an HTML body given as text or bytes. */
export function runScript(overrides: Overrides): Result<Extracted, Refusal> {
  const { body = "", parameters = {}, ...rest } = overrides;
  return extract({
    contentType: "text/html",
    url: ADDRESS,
    script: "page",
    ...rest,
    body: typeof body === "string" ? new TextEncoder().encode(body) : body,
    parameters: { url: ADDRESS, ...parameters },
  });
}

/** What the script found; throws where it was refused. */
export function dataOf(overrides: Overrides): Record<string, unknown> {
  const result = runScript(overrides);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value.data;
}

/** Why the script was refused; null where it was not. */
export function refusalOf(overrides: Overrides): Refusal | null {
  const result = runScript(overrides);
  return result.ok ? null : result.error;
}
