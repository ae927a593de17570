import { expect, test } from "vitest";
import { readClientAuthentication } from "#oauth/core/client-auth";

const NOTHING = { authorization: undefined, clientId: undefined, clientSecret: undefined };
const basic = (text: string): string => `Basic ${btoa(text)}`;

test.each([
  ["nothing at all", {}, null],
  ["a public client's id", { clientId: "cli_a" }, null],
  [
    "a header",
    { authorization: basic("cli_a:s3cret") },
    { clientId: "cli_a", secret: "s3cret", method: "client_secret_basic" },
  ],
  [
    "a header whose scheme is written small, and the same id in the form",
    { authorization: basic("cli_a:s").replace("Basic", "bAsIc"), clientId: "cli_a" },
    { clientId: "cli_a", secret: "s", method: "client_secret_basic" },
  ],
  [
    "what was form-encoded before it was joined",
    { authorization: basic("a%3Ab:c%3Ad+e%25") },
    { clientId: "a:b", secret: "c:d e%", method: "client_secret_basic" },
  ],
  [
    "an empty secret, which is a secret that will be found wrong",
    { authorization: basic("cli_a:") },
    { clientId: "cli_a", secret: "", method: "client_secret_basic" },
  ],
  [
    "the form",
    { clientId: "cli_a", clientSecret: "s" },
    { clientId: "cli_a", secret: "s", method: "client_secret_post" },
  ],
])("%s is read", (_what, shown, value) => {
  expect(readClientAuthentication({ ...NOTHING, ...shown })).toEqual({ ok: true, value });
});

test.each([
  [
    "two ways at once",
    { authorization: basic("a:b"), clientId: "a", clientSecret: "b" },
    "conflicting",
  ],
  ["two ids", { authorization: basic("a:b"), clientId: "c" }, "conflicting"],
  ["another scheme", { authorization: "Bearer abc" }, "malformed"],
  ["no scheme", { authorization: btoa("a:b") }, "malformed"],
  ["no colon", { authorization: basic("ab") }, "malformed"],
  ["no id", { authorization: basic(":b") }, "malformed"],
  ["no base 64", { authorization: "Basic a:b" }, "malformed"],
  ["a length that base 64 never has", { authorization: "Basic abcde" }, "malformed"],
  ["bytes that are no UTF-8", { authorization: `Basic ${btoa("a:\xff")}` }, "malformed"],
  ["an escape that is cut off", { authorization: basic("a:b%4") }, "malformed"],
  [
    "two headers, joined as the runtime does",
    { authorization: `${basic("a:b")}, ${basic("c:d")}` },
    "malformed",
  ],
  ["a secret without an id", { clientSecret: "s" }, "malformed"],
])("%s is refused", (_what, shown, error) => {
  expect(readClientAuthentication({ ...NOTHING, ...shown })).toEqual({ ok: false, error });
});
