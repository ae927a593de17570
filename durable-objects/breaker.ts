import { DurableObject } from "cloudflare:workers";

export class Breaker extends DurableObject<Env> {}
