import { DurableObject } from "cloudflare:workers";

export class TaskShard extends DurableObject<Env> {}
