import type { ModelProvider } from "./core/port";
import { createEmbeddedProvider } from "./embedded/provider";

/** The provider that the deployment's settings choose. */
export function createProvider(_env: Env): ModelProvider {
  return createEmbeddedProvider();
}
