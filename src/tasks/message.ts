import * as z from "zod";

/** The body of a queue message: a wake-up for one task. The record is in the shard, so a message may be lost, late or doubled. */
export const TaskMessageSchema = z.object({ v: z.literal(1), task_id: z.string().max(64) });
export type TaskMessage = z.infer<typeof TaskMessageSchema>;
