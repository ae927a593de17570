import { checkUrl, createAddressRules, describeRefusal } from "#egress/service";
import type { Config } from "#platform/config";
import type { FieldError } from "#platform/errors";
import { toPointer } from "#platform/faults";
import type { Locale } from "#platform/locale";
import { prepareSigning } from "#webhooks/service";
import type { WebhookEnv } from "#webhooks/service";
import type { RunOptions } from "./core/run-options";

/**
 * What is wrong with a `callback_url`, by the same policy as for pages that are scraped: a server that posts to whatever address it is given
 * must not be led into its own network. What the name resolves to is judged at each delivery. `root` is where the options stand.
 */
export function checkCallback(
  { callback_url: url }: RunOptions,
  config: Pick<Config, "scrapeAllowHosts" | "scrapeAllowPrivate">,
  locale: Locale,
  root: readonly string[],
): FieldError[] {
  if (url === undefined) return [];
  const rules = createAddressRules(config.scrapeAllowHosts, config.scrapeAllowPrivate);
  const checked = checkUrl(url, "user", rules);
  if (checked.ok) return [];
  const pointer = toPointer([...root, "callback_url"]);
  return [{ pointer, code: checked.error, message: describeRefusal(checked.error, locale) }];
}

/** Sees to it that what is sent to these tasks' owner will be signed. Costs nothing where nobody wants to be called back. */
export async function prepareCallbacks(
  env: WebhookEnv,
  ownerId: string,
  tasks: readonly RunOptions[],
): Promise<void> {
  if (tasks.some((options) => options.callback_url !== undefined))
    await prepareSigning(env, ownerId);
}
