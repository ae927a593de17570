/** As much of `oidc-provider` as the tests use; it ships no types of its own. */
declare module "oidc-provider" {
  import type { RequestListener } from "node:http";

  interface Account {
    readonly accountId: string;
    readonly claims: () => Record<string, unknown>;
  }
  export class Provider {
    constructor(
      issuer: string,
      configuration: {
        readonly clients: readonly Record<string, unknown>[];
        readonly findAccount: (context: unknown, id: string) => Account;
        readonly claims: Readonly<Record<string, readonly string[]>>;
        readonly cookies: { readonly keys: readonly string[] };
        readonly jwks: { readonly keys: readonly object[] };
        readonly features: Readonly<Record<string, { readonly enabled: boolean }>>;
        readonly conformIdTokenClaims?: boolean;
        readonly ttl: Readonly<Record<string, number>>;
      },
    );
    callback(): RequestListener;
  }
}
