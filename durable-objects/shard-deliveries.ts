import { ShardEvents } from "./shard-events";

/** The deliveries of a shard's ended tasks to those who asked to be called back, and the outside workers' way to its tasks. */
export class ShardDeliveries extends ShardEvents {}
