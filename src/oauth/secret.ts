import { equalTexts, sha256Hex, toBase32 } from "#platform/bytes";
import { hmacSha256, importHmacKey } from "#platform/hmac";
import { randomBase32 } from "#platform/ids";

/** 160 random bits: nobody can try them all, so one plain hash is enough to store. */
const SECRET_BYTES = 20;
const TAG_LENGTH = 12;
const SECRET = /^nrc_([0-9a-hjkmnp-tv-z]{32})_([0-9a-hjkmnp-tv-z]{12})$/;
/** `cli_`, ten digits of time, sixteen that lead to the owner's gate, sixteen random ones. */
const CLIENT_ID = /^cli_[0-9a-hjkmnp-tv-z]{42}$/;

/**
 * Client secrets, `nrc_<secret>_<tag>`. The tag is keyed and covers the client's id, so that a mistyped or made-up pair
 * is refused without asking anybody; the prefix is there for secret scanners.
 */
export interface ClientSecrets {
  /** A new secret for a client. It is shown once; what is stored is its hash. */
  readonly make: (clientId: string) => Promise<string>;
  /** Whether this deployment made `secret` for `clientId`. Says nothing of revocation. */
  readonly isGenuine: (clientId: string, secret: string) => Promise<boolean>;
}

/** The form in which a secret is stored and compared: SHA-256, hexadecimal. */
export const hashClientSecret = (secret: string): Promise<string> => sha256Hex(secret);

export function createClientSecrets(secretKey: string): ClientSecrets {
  let key: Promise<CryptoKey> | null = null;
  const tagOf = async (clientId: string, secret: string): Promise<string> => {
    key ??= importHmacKey(secretKey);
    const mac = await hmacSha256(await key, `oauth-client-secret ${clientId} ${secret}`);
    return toBase32(mac).slice(0, TAG_LENGTH);
  };
  return {
    make: async (clientId) => {
      const secret = randomBase32(SECRET_BYTES);
      return `nrc_${secret}_${await tagOf(clientId, secret)}`;
    },
    isGenuine: async (clientId, text) => {
      const [, secret, tag] = SECRET.exec(text) ?? [];
      if (secret === undefined || tag === undefined || !CLIENT_ID.test(clientId)) return false;
      return equalTexts(await tagOf(clientId, secret), tag);
    },
  };
}

let isolate: { readonly secretKey: string; readonly secrets: ClientSecrets } | null = null;

/** The isolate's own, made anew only when the deployment's secret is another. */
export function clientSecrets(secretKey: string): ClientSecrets {
  if (isolate?.secretKey !== secretKey)
    isolate = { secretKey, secrets: createClientSecrets(secretKey) };
  return isolate.secrets;
}
