import { ShardBase } from "./shard-base";

/** The event log of a shard's tasks. */
export class ShardEvents extends ShardBase {}
