import { DurableObject } from "cloudflare:workers";

export class SiteGate extends DurableObject<Env> {}
