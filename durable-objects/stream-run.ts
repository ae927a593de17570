import { DurableObject } from "cloudflare:workers";

/** One live answer of a model, which outlives the connection of whoever asked for it. */
export class StreamRun extends DurableObject<Env> {
  ping(): true {
    return true;
  }
}
