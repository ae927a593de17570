import type { Executor } from "#tasks/service";
import { api } from "./api";
import { consumerDeps, deliver, wakeUp } from "./task-shards";

export const ECHO = { kind: "echo", input: { hello: "나루" } };

/** What the tests read of an answer's body. */
export interface Body {
  readonly [name: string]: unknown;
  readonly request_id: string;
  readonly task_id: string;
  readonly items: readonly { readonly request_id: string; readonly status: string }[];
  readonly next_cursor: string | null;
}

export const readBody = async (response: Response): Promise<Body> => response.json();

export const postTask = (
  key: string,
  json: unknown,
  headers: Record<string, string> = {},
): Promise<Response> =>
  api("/api/v1/tasks", { key, json, headers: { "Accept-Language": "en", ...headers } });

/** Delivers a task's wake-up to a worker that answers so. */
export const workOn = (id: string, executor: Executor) =>
  deliver([wakeUp(id)], consumerDeps({ executors: { echo: executor } }));
