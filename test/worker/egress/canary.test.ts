import { beforeAll, describe, expect, inject, test } from "vitest";
import { createEgress, fetchOutside } from "#egress/service";
import { ok } from "#platform/result";

const { port, redirectorPort } = inject("canary");
const REDIRECTOR = `http://127.0.0.1:${redirectorPort}`;

/** The real network, and a resolver that lies: it calls every name public. Only the redirector is allowed. */
const egress = createEgress(
  {
    dohUrl: "https://doh.invalid/",
    scrapeAllowHosts: [`127.0.0.1:${redirectorPort}`],
    scrapeAllowPrivate: false,
  },
  { resolve: async () => ok(["93.184.216.34"]) },
);

const codeOf = async (url: string): Promise<string> => {
  const answer = await fetchOutside(egress, {
    url,
    trust: "user",
    maxBytes: 1000,
    timeoutMs: 5_000,
    maxRedirects: 5,
  });
  return answer.ok ? "fetched" : answer.error.code;
};
const hits = async (): Promise<number> => Number(await (await fetch(`${REDIRECTOR}/hits`)).text());

const SPELLINGS = [
  `http://127.0.0.1:${port}/`,
  `http://127.0.0.1.:${port}/`,
  `http://127.1:${port}/`,
  `http://127.0.1:${port}/`,
  `http://2130706433:${port}/`,
  `http://017700000001:${port}/`,
  `http://0x7f000001:${port}/`,
  `http://0x7f.1:${port}/`,
  `http://0177.0.0.1:${port}/`,
  `http://127.000.000.001:${port}/`,
  `http://127.0.0.2:${port}/`,
  `http://0:${port}/`,
  `http://0.0.0.0:${port}/`,
  `http://[::]:${port}/`,
  `http://[::1]:${port}/`,
  `http://[0:0:0:0:0:0:0:1]:${port}/`,
  `http://[::127.0.0.1]:${port}/`,
  `http://[::ffff:127.0.0.1]:${port}/`,
  `http://[::ffff:7f00:1]:${port}/`,
  `http://[::ffff:0:127.0.0.1]:${port}/`,
  `http://[64:ff9b::127.0.0.1]:${port}/`,
  `http://[2002:7f00:1::]:${port}/`,
  `http://localhost:${port}/`,
  `http://LOCALHOST:${port}/`,
  `http://localhost.:${port}/`,
  `http://a.localhost:${port}/`,
  `http://localhost.localdomain:${port}/`,
  `http://ip6-localhost:${port}/`,
  `http://127。0。0。1:${port}/`,
  `http://１２７.0.0.1:${port}/`,
  `http://①②⑦.⓪.⓪.①:${port}/`,
  `http://%31%32%37.0.0.1:${port}/`,
  `http://user:pass@127.0.0.1:${port}/`,
  `http://example.com@127.0.0.1:${port}/`,
  `ftp://127.0.0.1:${port}/`,
  "file:///etc/passwd",
  "data:text/html,hello",
];

/** Absolute on their own; in a Location of an http page they are paths of that page's site. */
const ABSOLUTE_BY_LENIENCE = [`http:\\\\127.0.0.1:${port}\\`, `http:127.0.0.1:${port}`];

/** A header is ASCII: what is not is percent-encoded, as servers do. */
const asLocation = (url: string): string =>
  url.replaceAll(/[^ -~]+/g, (text) => encodeURIComponent(text));

beforeAll(async () => {
  // A canary that nobody could hit would prove nothing.
  const before = await hits();
  await (await fetch(`http://127.0.0.1:${port}/`)).text();
  expect(await hits()).toBeGreaterThan(before);
});

describe("nothing reaches loopback", () => {
  test.each([...SPELLINGS, ...ABSOLUTE_BY_LENIENCE])("as %s", async (url) => {
    const before = await hits();
    expect(await codeOf(url)).toBe("URL_NOT_ALLOWED");
    expect(await hits()).toBe(before);
  });

  test.each(SPELLINGS)("by a redirect to %s", async (url) => {
    const before = await hits();
    expect(await codeOf(`${REDIRECTOR}/?to=${encodeURIComponent(asLocation(url))}`)).toBe(
      "URL_NOT_ALLOWED",
    );
    expect(await hits()).toBe(before);
  });

  test.each([301, 303, 307, 308])("by a %i", async (status) => {
    const before = await hits();
    const to = encodeURIComponent(`http://127.0.0.1:${port}/`);
    expect(await codeOf(`${REDIRECTOR}/?status=${status}&to=${to}`)).toBe("URL_NOT_ALLOWED");
    expect(await hits()).toBe(before);
  });

  test("by a second redirect", async () => {
    const before = await hits();
    const second = `${REDIRECTOR}/?to=${encodeURIComponent(`http://[::1]:${port}/`)}`;
    expect(await codeOf(`${REDIRECTOR}/?to=${encodeURIComponent(second)}`)).toBe("URL_NOT_ALLOWED");
    expect(await hits()).toBe(before);
  });
});
