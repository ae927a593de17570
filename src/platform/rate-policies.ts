/** What RATE_LIMITS may name: the policies of clients and addresses, and that of the sites which scrapes go to. A name beside these would change nothing without a word. */
export const RATE_POLICIES: readonly string[] = [
  "anonymous",
  "address-day",
  "burst",
  "client",
  "chat",
  "code",
  "workers",
  "streams",
  "site",
];
