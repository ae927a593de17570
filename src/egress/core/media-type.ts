/** The essence of a Content-Type (`text/html`), lower case, or null where there is none. */
export function essenceOf(contentType: string | null): string | null {
  const essence = (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(essence) ? essence : null;
}

/**
 * Whether a media type is on a list of `type/subtype`, `type/*` and `*+suffix` entries. An answer that
 * names no type passes: it is for the reader of the bytes to find out what they are.
 */
export function acceptsType(list: readonly string[], contentType: string | null): boolean {
  const essence = essenceOf(contentType);
  if (essence === null) return true;
  return list.some((entry) => {
    const wanted = entry.toLowerCase();
    if (wanted === "*/*" || wanted === essence) return true;
    if (wanted.endsWith("/*")) return essence.startsWith(wanted.slice(0, -1));
    return wanted.startsWith("*+") && essence.endsWith(wanted.slice(1));
  });
}
