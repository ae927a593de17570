import { RunnerObject } from "../durable-objects/runner";
import { consume } from "#queues";

export class Runner extends RunnerObject {}

export default { queue: consume } satisfies ExportedHandler<ConsumerEnv>;
