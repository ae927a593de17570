import { env } from "cloudflare:workers";
import { poolObjectName } from "#workers/core/worker-id";
import { api, createTestKey } from "./api";
import type { TestKey } from "./api";
import { postTask, readBody } from "./task-calls";

/** An operator of outside workers, and calls on its behalf. */
export interface Operator extends TestKey {
  readonly call: (path: string, json: object) => Promise<Answer>;
  /** Registers a worker and gives its id. */
  readonly register: (kinds?: readonly string[]) => Promise<string>;
  /** Leases, and waits a while for the first task unless told. */
  readonly lease: (workerId: string, more?: object) => Promise<Leased[]>;
}

export interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly body: Record<string, unknown>;
}

export interface Leased {
  readonly task_id: string;
  readonly lease_token: string;
  readonly kind: string;
  readonly attempt: number;
  readonly timeout: number;
  readonly input: Record<string, unknown>;
}

export async function anOperator(): Promise<Operator> {
  const made = await createTestKey({ role: "worker" });
  const call = async (path: string, json: object): Promise<Answer> => {
    const response = await api(`/api/v1/workers/${path}`, {
      key: made.key,
      json,
      headers: { "Accept-Language": "en" },
    });
    const body = await response.json<Record<string, unknown>>();
    return { status: response.status, code: body["code"] as string | undefined, body };
  };
  return {
    ...made,
    call,
    register: async (kinds = ["ocr"]) => {
      const { status, body } = await call("register", { kinds });
      if (status !== 201) throw new Error(`registering answered ${status}`);
      return String(body["worker_id"]);
    },
    lease: async (workerId, more = {}) => {
      // A task that was just submitted is on its way to the pool.
      const wish = { worker_id: workerId, wait_seconds: 5, ...more };
      const { status, body } = await call("lease", wish);
      if (status !== 200) throw new Error(`leasing answered ${status}`);
      return body["tasks"] as Leased[];
    },
  };
}

/** A task for outside workers, of an owner of its own, accepted and not waited for. */
export async function anOutsideTask(
  changes: object = {},
): Promise<{ id: string; key: string; ownerId: string }> {
  const { key, ownerId } = await createTestKey();
  const json = { kind: "ocr", input: { page: 1 }, ...changes };
  const response = await postTask(key, json, { Prefer: "respond-async" });
  if (response.status !== 202) throw new Error(`submitting answered ${response.status}`);
  return { id: (await readBody(response)).request_id, key, ownerId };
}

export const poolStub = (pool = "vision"): ReturnType<Env["WORKER_POOL"]["getByName"]> =>
  env.WORKER_POOL.getByName(poolObjectName(pool));

/** The part of a lease that every later call names. */
export const held = (workerId: string, { task_id, lease_token }: Leased) => ({
  worker_id: workerId,
  task_id,
  lease_token,
});
