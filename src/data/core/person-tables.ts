/** The tables of D1 that hold something of a person: by whom their rows are, how they are told to that person, and in which order they are erased. */

/** How a column is told: as it stands, as an RFC 3339 time, as a boolean, as the JSON that it holds, or as a list that is split at spaces. */
export type ColumnForm = "plain" | "time" | "flag" | "json";

export interface PersonTable {
  readonly table: string;
  /** The column that names the person. */
  readonly owner: string;
  /** Unique among the rows of one person, in the order in which they are told. */
  readonly key: readonly [string, ...string[]];
  /** Where the rows stand in an export, and what is told of each: column by column, so that no secret is told by a slip. Null where none are, for the reason given. */
  readonly section: string | null;
  readonly columns: Readonly<Record<string, ColumnForm>>;
  /** Columns of text of any length: a page of long ones has fewer rows. */
  readonly long: readonly string[];
  /** At most one row a person. */
  readonly isSingle?: true;
}

const table = (
  name: string,
  section: string | null,
  columns: Readonly<Record<string, ColumnForm>>,
  more: Partial<PersonTable> = {},
): PersonTable => ({
  table: name,
  owner: "owner_id",
  key: ["id"],
  section,
  columns,
  long: [],
  ...more,
});

/** In the order in which they are erased: the account itself is the last. */
export const PERSON_TABLES: readonly PersonTable[] = [
  table(
    "profiles",
    "profile",
    { profile: "json", updated_at: "time" },
    {
      key: ["owner_id"],
      isSingle: true,
    },
  ),
  table(
    "settings",
    "settings",
    { settings: "json", updated_at: "time" },
    { key: ["owner_id"], isSingle: true },
  ),
  table(
    "oauth_identities",
    "identities",
    { provider: "plain", subject: "plain", email: "plain", created_at: "time" },
    { owner: "user_id", key: ["provider", "subject"] },
  ),
  table("api_keys", "api_keys", {
    id: "plain",
    name: "plain",
    scopes: "json",
    limits: "json",
    prefix: "plain",
    created_at: "time",
    expires_at: "time",
    revoked_at: "time",
    last_used_at: "time",
  }),
  table("oauth_clients", "oauth_clients", {
    id: "plain",
    name: "plain",
    scopes: "json",
    created_at: "time",
    revoked_at: "time",
  }),
  table("webhook_secrets", "webhook_secrets", {
    id: "plain",
    created_at: "time",
    expires_at: "time",
  }),
  // The table is an index: what its rows say stands in the tasks themselves.
  table("tasks", null, {}),
  table("conversations", "conversations", {
    id: "plain",
    title: "plain",
    mode: "plain",
    created_at: "time",
    updated_at: "time",
  }),
  table(
    "messages",
    "messages",
    {
      id: "plain",
      conversation_id: "plain",
      role: "plain",
      content: "plain",
      model: "plain",
      prompt_tokens: "plain",
      completion_tokens: "plain",
      status: "plain",
      error_code: "plain",
      finish_reason: "plain",
      reply_to: "plain",
      is_cached: "flag",
      created_at: "time",
    },
    { long: ["content"] },
  ),
  table(
    "history",
    "history",
    {
      id: "plain",
      kind: "plain",
      question: "plain",
      answer: "plain",
      language: "plain",
      model: "plain",
      is_cached: "flag",
      source_id: "plain",
      created_at: "time",
    },
    { long: ["question", "answer"] },
  ),
  table(
    "feedback",
    "feedback",
    {
      id: "plain",
      type: "plain",
      comment: "plain",
      message_id: "plain",
      code_snippet: "plain",
      user_question: "plain",
      created_at: "time",
    },
    { long: ["comment", "code_snippet", "user_question"] },
  ),
  table(
    "usage",
    "usage",
    {
      id: "plain",
      key_id: "plain",
      day: "plain",
      kind: "plain",
      model: "plain",
      prompt_tokens: "plain",
      completion_tokens: "plain",
      is_estimated: "flag",
      cost_microusd: "plain",
      created_at: "time",
    },
    { key: ["day", "id"] },
  ),
  table(
    "request_counts",
    "request_counts",
    { key_id: "plain", day: "plain", requests: "plain" },
    { key: ["key_id", "day"] },
  ),
  table(
    "scripts",
    "scripts",
    {
      name: "plain",
      version: "plain",
      content_hash: "plain",
      definition: "json",
      created_at: "time",
      deleted_at: "time",
    },
    { key: ["name", "version"], long: ["definition"] },
  ),
  table("rooms", "owned_rooms", { id: "plain", name: "plain", created_at: "time" }),
  table(
    "room_members",
    "rooms",
    { room_id: "plain", role: "plain", since: "time" },
    { owner: "user_id", key: ["room_id"] },
  ),
  // Whoever knows the token of one can set a password: nobody is shown any.
  table("reset_links", null, {}, { owner: "user_id", key: ["token_hash"] }),
  table(
    "users",
    "account",
    {
      id: "plain",
      email: "plain",
      name: "plain",
      role: "plain",
      is_disabled: "flag",
      limits: "json",
      created_at: "time",
      updated_at: "time",
    },
    { owner: "id", isSingle: true },
  ),
];
