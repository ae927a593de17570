import api from "../../src/index";
import consumer from "../../src/consumer";

export * from "../../src/index";
export { Runner } from "../../src/consumer";
export { Tools } from "../../src/tools";

// oxlint-disable-next-line import/no-default-export -- the runtime finds a Worker's handlers in its default export
export default { fetch: api.fetch, queue: consumer.queue };
