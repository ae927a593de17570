/** Egress over a fake network, for tests of what comes of a fetch. */
import { createEgress, fetchOutside } from "#egress/service";
import type { OutsideFailure, OutsideRequest, OutsideResponse, Resolver } from "#egress/service";
import { ok } from "#platform/result";
import { fakeNetwork, manualTimer } from "./outside";
import type { FakeAnswer, FakeNetwork, ManualTimer } from "./outside";

export const PUBLIC: Resolver = async () => ok(["93.184.216.34"]);
export const SETTINGS = {
  dohUrl: "https://doh.example/dns-query",
  scrapeAllowHosts: [],
  scrapeAllowPrivate: false,
};
export const START = "https://start.example.com/";

export interface Setup {
  readonly network: FakeNetwork;
  readonly time: ManualTimer;
  readonly run: (
    request?: Partial<OutsideRequest>,
  ) => Promise<{ ok: true; value: OutsideResponse } | { ok: false; error: OutsideFailure }>;
}

export function setUp(
  answers: Record<string, FakeAnswer>,
  resolve = PUBLIC,
  allowHosts: string[] = [],
): Setup {
  const network = fakeNetwork(answers);
  const time = manualTimer();
  const egress = createEgress(
    { ...SETTINGS, scrapeAllowHosts: allowHosts },
    { fetch: network.fetch, timer: time.timer, clock: time.now, resolve },
  );
  return {
    network,
    time,
    run: (request = {}) =>
      fetchOutside(egress, {
        url: START,
        trust: "user",
        maxBytes: 1000,
        timeoutMs: 30_000,
        maxRedirects: 5,
        ...request,
      }),
  };
}

export async function failed(result: ReturnType<Setup["run"]>): Promise<OutsideFailure> {
  const answer = await result;
  if (answer.ok) throw new Error("it was fetched");
  return answer.error;
}

export async function fetched(result: ReturnType<Setup["run"]>): Promise<OutsideResponse> {
  const answer = await result;
  if (!answer.ok) throw new Error(answer.error.code);
  return answer.value;
}

export const text = (response: OutsideResponse): string => new TextDecoder().decode(response.bytes);

/** A body that comes in chunks and tells whether it was cancelled. */
export function chunks(parts: readonly Uint8Array[], afterwards: "end" | "hang" = "end") {
  let given = 0;
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const part = parts[given];
        if (part !== undefined) {
          given++;
          controller.enqueue(part);
          return undefined;
        }
        if (afterwards === "hang") return new Promise<void>(() => {});
        controller.close();
        return undefined;
      },
      cancel() {
        isCancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { body, given: () => given, isCancelled: () => isCancelled };
}
