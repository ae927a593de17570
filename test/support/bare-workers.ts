/** What measurements compare with: the platform's own means to the same end, with none of our layers. */

/** Answers a constant. */
export const BARE = `export default { fetch: () =>
  new Response('{"status":"ok"}', { headers: { "content-type": "application/json" } }) }`;

/**
 * A request, a queue and its consumer, and an object in whose memory the two meet (`/queue`); or the object calls the worker itself (`/direct`).
 * Nothing is checked and nothing is kept. Messages that come while a send is on its way go together in the next, as ours do.
 */
export const BARE_QUEUE = `import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
export class Work extends WorkerEntrypoint { run(input) { return input; } }
export class Meeting extends DurableObject {
  waiting = new Map();
  next = 0;
  unsent = [];
  isSending = false;
  async queue(input) {
    const id = this.next++;
    const done = new Promise((resolve) => this.waiting.set(id, resolve));
    this.unsent.push({ body: { id, input } });
    await this.send();
    return done;
  }
  async send() {
    if (this.isSending) return;
    this.isSending = true;
    while (this.unsent.length > 0) await this.env.QUEUE.sendBatch(this.unsent.splice(0, 100));
    this.isSending = false;
  }
  direct(input) { return this.env.WORK.run(input); }
  settle(answers) {
    for (const { id, input } of answers) { this.waiting.get(id)?.(input); this.waiting.delete(id); }
  }
}
export default {
  async fetch(request, env) {
    const input = await request.json();
    const meeting = env.MEETING.getByName("0");
    const output = await (request.url.endsWith("/direct") ? meeting.direct(input) : meeting.queue(input));
    return Response.json(output);
  },
  async queue(batch, env) {
    await env.MEETING.getByName("0").settle(batch.messages.map((message) => message.body));
    batch.ackAll();
  },
};`;

/**
 * Sockets that one object holds and that sleep; the first thing a client says is answered, and a POST's body goes to all of them. A socket that has been heard once
 * weighs eight kilobytes more than one that never was.
 */
export const BARE_SOCKETS = `import { DurableObject } from "cloudflare:workers";
export class Holder extends DurableObject {
  async fetch(request) {
    if (request.method === "POST") {
      const text = await request.text();
      for (const socket of this.ctx.getWebSockets()) socket.send(text);
      return new Response("ok");
    }
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }
  webSocketMessage(socket) { socket.send('{"type":"subscribed"}'); }
}
export default { fetch: (request, env) => env.HOLDER.getByName("0").fetch(request) };`;
