/** The configurations as they are committed, read by wrangler itself. By itself here, because it takes its time to load. */
import { join } from "node:path";
import { experimental_readRawConfig } from "wrangler";
import { WORKERS } from "./config-files.ts";
import type { Configs } from "./config-files.ts";
import { ROOT } from "./setup.ts";

export const readConfigs = (): Configs =>
  Object.fromEntries(
    WORKERS.map(({ name, file }) => [
      name,
      experimental_readRawConfig({ config: join(ROOT, file) }).rawConfig,
    ]),
  ) as unknown as Configs;
