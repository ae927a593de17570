/**
 * Every scope that exists, with what it lets a credential do: the one place where one is added. Routes and kinds of tasks
 * that ask for another do not compile, keys and clients cannot be given another, and the document lists these.
 */
export const SCOPES = {
  account: "the owner's own account: sessions, password, linked identities",
  admin: "what administrators do: people, roles, the audit log",
  chat: "conversations with a model",
  code: "code: generating, completing, validating, analysing",
  gw: "the gateway: every upstream behind it that asks for no other scope",
  "keys:manage": "API keys and OAuth clients",
  realtime: "sockets, channels and rooms",
  scrape: "pages: fetching and taking them apart",
  "tasks:read": "tasks: reading and following them",
  "tasks:write": "tasks: submitting and cancelling them",
  worker: "work for others: leasing and completing tasks",
} as const satisfies Record<string, string>;

export type Scope = keyof typeof SCOPES;

export const SCOPE_NAMES = Object.keys(SCOPES) as [Scope, ...Scope[]];

/**
 * `gw:<name>`: one upstream behind the gateway, and no other. The only scopes that are open: upstreams are made while the
 * server runs, and a key may be made before its upstream is. The name is spelt as an upstream's is.
 */
export const GATEWAY_SCOPE = /^gw:[a-z0-9][a-z0-9-]{0,62}$/;
export type GatewayScope = `gw:${string}`;

/** Whether there is such a scope: one of the table, or one of the gateway's by its form. */
export const isScope = (text: string): text is Scope | GatewayScope =>
  Object.hasOwn(SCOPES, text) || GATEWAY_SCOPE.test(text);

/** Whether a list of scopes takes one in: by its name, or `gw` all of the gateway's. What `*` means, its reader knows. */
export const takesIn = (list: readonly string[], scope: string): boolean =>
  list.includes(scope) || (GATEWAY_SCOPE.test(scope) && list.includes("gw"));

/** For the descriptions of fields: each scope with what it allows. */
export const describeScopes = (names: readonly Scope[] = SCOPE_NAMES): string =>
  names.map((name) => `\`${name}\` (${SCOPES[name]})`).join(", ");
