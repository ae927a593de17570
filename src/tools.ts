import { WorkerEntrypoint } from "cloudflare:workers";

/** Heavy, stateless tools. Each method takes plain data and answers with plain data. */
export class Tools extends WorkerEntrypoint {}

export default {
  fetch: () => new Response(null, { status: 404 }),
} satisfies ExportedHandler;
