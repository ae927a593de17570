/** The values of secret headers: sealed in the database and on every way, open in memory alone. */
import { hideSecrets } from "#platform/log";
import { open, seal } from "#platform/secret-box";
import type { EncryptionKeys } from "#platform/secret-box";
import type { Header } from "./core/upstream";
import { secretContext } from "./storage";
import type { StoredUpstream } from "./storage";

/** The secret headers with their values; null where one does not open. */
export async function openSecrets(
  keys: EncryptionKeys,
  { upstream, sealed }: StoredUpstream,
): Promise<Header[] | null> {
  const opened = await Promise.all(
    Object.entries(sealed).map(async ([name, text]) => {
      const value = await open(keys, text, secretContext(upstream.id, name));
      return value.ok ? { name, value: value.value } : null;
    }),
  );
  // A failure's message may repeat what was sent.
  hideSecrets(opened.flatMap((header) => header?.value ?? []));
  return opened.every((header) => header !== null) ? opened : null;
}

export const sealSecret = (
  keys: EncryptionKeys,
  upstreamId: string,
  { name, value }: Header,
): Promise<string> => seal(keys, value, secretContext(upstreamId, name));
