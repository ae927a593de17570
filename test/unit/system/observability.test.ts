import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { unstable_readConfig } from "wrangler";

const ROOT = join(import.meta.dirname, "..", "..", "..");

describe.each(["wrangler.toml", "wrangler.consumer.toml", "wrangler.tools.toml"])("%s", (file) => {
  // Inherited only whole: an environment that says anything of it has to say everything.
  test.each([
    ["development", undefined, 1, {}],
    // The line is there for whoever has a collector: each name has to be one of the account's destinations.
    ["production", "production", 0.1, { destinations: [] }],
  ])("logs and traces in %s, and lets no whole address out", (_name, env, sampled, sent) => {
    const config = unstable_readConfig(
      { config: join(ROOT, file), ...(env === undefined ? {} : { env }) },
      { hideWarnings: true },
    );
    expect(config.observability).toEqual({
      enabled: true,
      redact_query_string: true,
      logs: { enabled: true, head_sampling_rate: 1, invocation_logs: false, ...sent },
      traces: { enabled: true, head_sampling_rate: sampled, ...sent },
    });
  });
});
