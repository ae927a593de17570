/** What a queue is for, whatever deployment it belongs to: one beside production has its name at the end of each of its queues'. */
export const queueRole = (queue: string): string => queue.replace(/-staging$/, "");
