import { DurableObject } from "cloudflare:workers";

export class ClientGate extends DurableObject<Env> {}
