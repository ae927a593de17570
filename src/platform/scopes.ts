/**
 * Every scope that exists, with what it lets a credential do: the one place where one is added. Routes and kinds of tasks
 * that ask for another do not compile, keys and clients cannot be given another, and the document lists these.
 */
export const SCOPES = {
  account: "the owner's own account: sessions, password, linked identities",
  admin: "what administrators do: people, roles, the audit log",
  chat: "conversations with a model",
  code: "code: generating, completing, validating, analysing",
  "keys:manage": "API keys and OAuth clients",
  realtime: "sockets, channels and rooms",
  scrape: "pages: fetching and taking them apart",
  "tasks:read": "tasks: reading and following them",
  "tasks:write": "tasks: submitting and cancelling them",
  worker: "work for others: leasing and completing tasks",
} as const satisfies Record<string, string>;

export type Scope = keyof typeof SCOPES;

export const SCOPE_NAMES = Object.keys(SCOPES) as [Scope, ...Scope[]];

/** For the descriptions of fields: each scope with what it allows. */
export const describeScopes = (names: readonly Scope[] = SCOPE_NAMES): string =>
  names.map((name) => `\`${name}\` (${SCOPES[name]})`).join(", ");
