/** Conversations as their owners have them, for tests. */
import { env } from "cloudflare:workers";
import { api } from "./api";
import type { ApiOptions, TestKey } from "./api";

/** What the embedded provider answers, and what it refuses. */
export const ASKED = "How do I remove duplicates from a list in Python?";
export const REFUSED = "What is the meaning of life?";

export interface SeenChat {
  readonly conversation_id: string;
  readonly message_id: string;
  readonly reply: string;
  readonly usage: Readonly<Record<"prompt_tokens" | "completion_tokens" | "total_tokens", number>>;
  readonly cached: boolean;
  readonly code?: string;
  readonly errors?: readonly { readonly pointer: string }[];
}

export async function ask(
  { key }: Pick<TestKey, "key">,
  json: object,
  options: ApiOptions = {},
): Promise<{ status: number; headers: Headers; body: SeenChat }> {
  const response = await api("/api/v1/chat", { ...options, key, json });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

export interface SeenConversation {
  readonly title: string;
  readonly mode: string;
  readonly messages: readonly (Readonly<Record<string, unknown>> & { readonly id: string })[];
  readonly next_cursor: string | null;
}

export async function detail(
  { key }: Pick<TestKey, "key">,
  id: string,
  query = "",
): Promise<SeenConversation> {
  const response = await api(`/api/v1/conversations/${id}${query}`, { key });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return response.json();
}

/** What D1 holds of an owner. */
export async function rowsOf(
  table: string,
  { ownerId }: Pick<TestKey, "ownerId">,
): Promise<Record<string, unknown>[]> {
  const { results } = await env.DB.prepare(
    `SELECT * FROM ${table} WHERE owner_id = ? ORDER BY rowid`,
  )
    .bind(ownerId)
    .all();
  return results;
}
