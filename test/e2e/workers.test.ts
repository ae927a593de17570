import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterEach, expect, test } from "vitest";
import { startServer, until } from "../support/server";
import type { RunningServer } from "../support/server";
import { startSite } from "../support/site";
import type { Site } from "../support/site";

const EXAMPLE = join(import.meta.dirname, "../../docs/examples/python-worker/worker.py");
const ADMIN = { email: "operator@naru.test", password: "ferries run on time" };
const hasPython = spawnSync("python3", ["--version"]).status === 0;

interface Received {
  readonly headers: Record<string, string>;
  readonly body: string;
}

let server: RunningServer | undefined;
let receiver: Site | undefined;
afterEach(async () => {
  await server?.stop();
  await receiver?.stop();
});

async function startReceiver(received: Received[]): Promise<Site> {
  return startSite({
    "/hook": (request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        received.push({ headers: request.headers as Record<string, string>, body });
        response.writeHead(204).end();
      });
    },
  });
}

test("a worker in Python serves a kind of its own, and the result reaches the caller and the receiver, which verifies it", async ({
  skip,
}) => {
  skip(!hasPython, "there is no python3 on this machine");
  const received: Received[] = [];
  receiver = await startReceiver(received);
  server = await startServer({
    port: 18_846,
    vars: {
      SCRAPE_ALLOW_PRIVATE: "1",
      WORKER_KINDS: '{"wordcount":{"title":"Counts words"}}',
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
    },
  });
  const { origin, demoKey } = server;
  const send = async <T>(path: string, credential: string | null, body: object): Promise<T> => {
    const answer = await fetch(`${origin}${path}`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        ...(credential === null ? {} : { Authorization: `Bearer ${credential}` }),
      },
      body: JSON.stringify(body),
    });
    return (await answer.json()) as T;
  };

  // Only an administrator's keys, and those of people with the role `worker`, open the routes of workers.
  const { access_token: session } = await send<{ access_token: string }>(
    "/api/v1/auth/login",
    null,
    ADMIN,
  );
  const { key } = await send<{ key: string }>("/api/v1/api-keys", session, {
    name: "python worker",
    scopes: ["worker"],
  });
  const { secret } = await send<{ secret: string }>("/api/v1/webhook-secret", demoKey, {});
  const worker = spawn("python3", [EXAMPLE], {
    env: { ...process.env, NARU_URL: origin, NARU_KEY: key },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const task = await send<{ request_id: string }>("/api/v1/tasks", demoKey, {
      kind: "wordcount",
      input: { text: "배 나루 배" },
      callback_url: `${receiver.origin}/hook`,
    });
    expect(task).toMatchObject({ status: "completed", data: { 배: 2, 나루: 1 }, attempts: 1 });

    const { body, headers } = await until(async () => received[0]);
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({
      type: "task.completed",
      data: { request_id: task.request_id, data: { 배: 2, 나루: 1 } },
    });
    const status = (await (await fetch(`${origin}/status`)).json()) as { active_workers: number };
    expect(status.active_workers).toBe(1);
  } finally {
    worker.kill("SIGKILL");
    await once(worker, "exit");
  }
});
