/** Reads the streams of `ai-worker` as a client does, and what D1 was told of them. */
import { MODEL } from "./model-scripts.ts";
import type { Runtime } from "./runtime";

export interface SeenFrame {
  readonly id: number;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface SeenStream {
  readonly status: number;
  readonly location: string;
  /** The events as bytes, without what is not an event: comments and the time to wait before connecting again. */
  readonly raw: string;
  readonly frames: readonly SeenFrame[];
}

export interface AiClient {
  readonly post: (path: string, body: object, key?: string) => Promise<Response>;
  readonly get: (path: string, lastEventId?: number, key?: string) => Promise<Response>;
  readonly stream: (message: string, more?: object) => Promise<SeenStream>;
  /** What D1 was told of the answers to this nonce. */
  readonly usage: (nonce: string) => Promise<readonly UsageSeen[]>;
  /** What was kept of a stream, by its `Location`. */
  readonly kept: (location: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
}

export interface UsageSeen {
  readonly id: string;
  readonly model: string;
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly is_estimated: number;
  readonly cost_microusd: number | null;
}

/** Splits what a stream sent into its events. */
export function framesOf(text: string): readonly SeenFrame[] {
  return text
    .split("\n\n")
    .filter((block) => block.startsWith("id: "))
    .map((block) => {
      const fields = new Map(
        block.split("\n").map((line): [string, string] => {
          const colon = line.indexOf(": ");
          return [line.slice(0, colon), line.slice(colon + 2)];
        }),
      );
      return {
        id: Number(fields.get("id")),
        event: fields.get("event") ?? "",
        data: JSON.parse(fields.get("data") ?? "{}") as Record<string, unknown>,
      };
    });
}

/** The events of a stream alone, as they were sent. */
export const eventsOnly = (text: string): string =>
  text
    .split(/(?<=\n\n)/)
    .filter((block) => block.startsWith("id: "))
    .join("");

/** The text that its deltas make. */
export const textOf = (frames: readonly SeenFrame[]): string =>
  frames
    .filter(({ event }) => event === "delta")
    .map(({ data }) => data["text"])
    .join("");

export function aiClient(runtime: Runtime): AiClient {
  const headers = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
  const post: AiClient["post"] = (path, body, key = runtime.demoKey) =>
    fetch(`${runtime.origin}${path}`, {
      method: "POST",
      headers: { ...headers(key), "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  return {
    post,
    get: (path, lastEventId, key = runtime.demoKey) =>
      fetch(`${runtime.origin}${path}`, {
        headers: {
          ...headers(key),
          ...(lastEventId === undefined ? {} : { "last-event-id": String(lastEventId) }),
        },
      }),
    stream: async (message, more = {}) => {
      const response = await post("/probe/stream", { message, ...more });
      const text = await response.text();
      return {
        status: response.status,
        location: response.headers.get("location") ?? "",
        raw: eventsOnly(text),
        frames: response.ok
          ? framesOf(text)
          : [{ id: 0, event: "problem", data: JSON.parse(text) as Record<string, unknown> }],
      };
    },
    usage: async (nonce) => {
      const database = await runtime.miniflare.getD1Database("DB", "naru");
      const { results } = await database
        .prepare("SELECT * FROM usage WHERE model = ?")
        .bind(`${MODEL}-${nonce}`)
        .all<UsageSeen>();
      return results;
    },
    kept: async (location) => {
      const database = await runtime.miniflare.getD1Database("DB", "naru");
      const { results } = await database
        .prepare("SELECT question, answer FROM history WHERE id = ?")
        .bind(location.split("/").at(-1))
        .all();
      return results;
    },
  };
}
