/** Upstreams as an administrator makes them. Names are new at each call: isolates remember upstreams longer than a test lasts. */
import { env } from "cloudflare:workers";
import { randomBase32 } from "#platform/ids";
import { api, createTestKey } from "./api";

export const UPSTREAMS = "/api/v1/admin/upstreams";

export const uniqueName = (): string => `up-${randomBase32().toLowerCase()}`;

export const adminKey = async (): Promise<string> => (await createTestKey({ role: "admin" })).key;

/** An upstream, as its creation was answered. Throws where it was refused. */
export async function createUpstream(
  key: string,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly id: string; readonly name: string; readonly version: number }> {
  const json = { name: uniqueName(), targets: [{ url: "http://a.example" }], ...fields };
  const response = await api(UPSTREAMS, { key, json });
  const text = await response.text();
  if (response.status !== 201) throw new Error(`answered ${response.status} ${text}`);
  return JSON.parse(text);
}

export const poolOf = (name: string): ReturnType<Env["UPSTREAM_POOL"]["getByName"]> =>
  env.UPSTREAM_POOL.getByName(name);
