/**
 * `node test/bench/gateway.ts`: what the gateway adds to a small GET, beside the service itself asked directly, in the same
 * run and by turns. Everything goes over loopback, one request at a time and many at once. Figures are for ratios on one
 * machine, not promises.
 */
import { Agent, createServer, request } from "node:http";
import { cpus, loadavg } from "node:os";
import type { AddressInfo } from "node:net";
import { startRuntime } from "../support/runtime.ts";

const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 6);
const REQUESTS = Number(process.env["BENCH_REQUESTS"] ?? 500);
const ADMIN = { email: "operator@naru.test", password: "ferries run on time" };

const service = createServer((_request, response) => {
  response.setHeader("content-type", "application/json");
  response.setHeader("cache-control", "public, max-age=600");
  response.end('{"ok":true}');
});
await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
const direct = `http://127.0.0.1:${(service.address() as AddressInfo).port}/x`;

const runtime = await startRuntime(
  {
    LOG_LEVEL: "error",
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    RATE_LIMITS: '{"burst":null,"client":{"limit":1000000,"window":3600}}',
  },
  { isAlone: true },
);
const post = async <T>(path: string, bearer: string, body: object): Promise<T> => {
  const answer = await fetch(`${runtime.origin}${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(bearer && { authorization: `Bearer ${bearer}` }),
    },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as T;
};
const { access_token: session } = await post<{ access_token: string }>(
  "/api/v1/auth/login",
  "",
  ADMIN,
);
const { key } = await post<{ key: string }>("/api/v1/api-keys", session, {
  name: "bench",
  scopes: ["*"],
});
const targets = [{ url: direct.slice(0, -2) }];
await post("/api/v1/admin/upstreams", session, { name: "plain", targets });
await post("/api/v1/admin/upstreams", session, { name: "kept", targets, cache_seconds: 600 });

const WAYS: readonly { readonly name: string; readonly url: string }[] = [
  { name: "the service itself", url: direct },
  { name: "the bare runtime", url: runtime.bare },
  { name: "a route of ours (/api/v1/modes)", url: `${runtime.origin}/api/v1/modes` },
  { name: "through the gateway", url: `${runtime.origin}/api/v1/gw/plain/x` },
  { name: "through the gateway, kept", url: `${runtime.origin}/api/v1/gw/kept/x` },
];

const ask = (url: string, agent: Agent): Promise<number> =>
  new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const call = request(url, { agent, headers: { authorization: `Bearer ${key}` } }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`${url}: ${answer.statusCode}`));
      answer.resume();
      answer.on("end", () => resolve(performance.now() - startedAt));
    });
    call.on("error", reject);
    call.end();
  });

async function measure(url: string, callers: number): Promise<{ ms: number[]; seconds: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: callers });
  const ms: number[] = [];
  const startedAt = performance.now();
  let left = REQUESTS;
  const caller = async (): Promise<void> => {
    while (left-- > 0) ms.push(await ask(url, agent));
  };
  await Promise.all(Array.from({ length: callers }, caller));
  agent.destroy();
  return { ms, seconds: (performance.now() - startedAt) / 1000 };
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;

console.log(
  `${cpus().length} × ${cpus()[0]?.model}, load ${loadavg()
    .map((one) => one.toFixed(1))
    .join(" ")}`,
);
for (const callers of [1, 32]) {
  const all = new Map(WAYS.map(({ name }) => [name, { ms: [] as number[], seconds: 0 }]));
  for (const { url } of WAYS) await measure(url, callers);
  for (let round = 0; round < ROUNDS; round++)
    for (const { name, url } of WAYS) {
      const done = await measure(url, callers);
      const sum = all.get(name);
      sum?.ms.push(...done.ms);
      if (sum) sum.seconds += done.seconds;
    }
  console.log(`\n${callers} at once, ${ROUNDS * REQUESTS} requests each`);
  console.table(
    Object.fromEntries(
      [...all].map(([name, { ms, seconds }]) => {
        const sorted = ms.sort((a, b) => a - b);
        return [
          name,
          {
            "p50 ms": Number(quantile(sorted, 0.5).toFixed(2)),
            "p95 ms": Number(quantile(sorted, 0.95).toFixed(2)),
            "requests/s": Math.round(ms.length / seconds),
          },
        ];
      }),
    ),
  );
}
await runtime.stop();
service.close();
service.closeAllConnections();
