import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";

const migrate = () =>
  applyD1Migrations(
    env.DB,
    (env as unknown as { TEST_MIGRATIONS: Parameters<typeof applyD1Migrations>[1] })
      .TEST_MIGRATIONS,
  );

/**
 * Every test begins with empty storage. The sweeps over all operations are the exception: each of their calls brings an owner and an
 * address of its own, they are as many as all other tests together, and a file of them shares one storage.
 */
const isSweep = expect.getState().testPath?.includes("/test/contract/") === true;

if (isSweep) {
  beforeAll(migrate);
  afterAll(reset);
} else {
  beforeEach(migrate);
  afterEach(reset);
}
