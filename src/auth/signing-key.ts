/**
 * Makes the keys that sign access tokens, with WebCrypto alone, so that the scripts that a person runs on Node can
 * load it.
 */
import { toBase64Url } from "#platform/bytes";

export interface PrivateJwk {
  readonly kty: "OKP";
  readonly crv: "Ed25519";
  readonly x: string;
  readonly d: string;
  readonly kid: string;
}

/** A new Ed25519 key pair as a private JWK, as `JWT_SIGNING_KEYS` lists them. */
export async function makeSigningKey(): Promise<PrivateJwk> {
  const pair = (await crypto.subtle.generateKey("Ed25519", true, [
    "sign",
    "verify",
  ])) as CryptoKeyPair;
  const { x, d } = (await crypto.subtle.exportKey("jwk", pair.privateKey)) as JsonWebKey;
  if (x === undefined || d === undefined) throw new Error("an exported key lacks a part");
  // Random and not a thumbprint: a kid has to be unique among a few keys and to say nothing.
  const kid = toBase64Url(crypto.getRandomValues(new Uint8Array(12)));
  return { kty: "OKP", crv: "Ed25519", x, d, kid };
}
