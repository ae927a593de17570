/** An address as it is asked for: what stands behind `#` never leaves a browser. */
export function withoutFragment(address: string): string {
  const url = new URL(address);
  url.hash = "";
  return url.href;
}
