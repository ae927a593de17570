import { expect, test } from "vitest";
import {
  attemptCookie,
  cookieNameOf,
  readAttempt,
  readCookie,
  writeAttempt,
} from "#signin/core/attempt";
import { attemptFor } from "../../support/signin";

const NOW = 1_800_000_000_000;
const attempt = attemptFor("real", { expiresAtMs: NOW + 1 });
const back = { provider: "real", state: attempt.state, nowMs: NOW };

test("an attempt that comes back in time, from its provider, with its state, is good", () => {
  expect(readAttempt(writeAttempt(attempt), back)).toEqual({ ok: true, value: attempt });
});

test.each([
  ["another state", { state: attemptFor("real").state }, "other_state"],
  ["no state", { state: "" }, "other_state"],
  ["another provider", { provider: "other" }, "other_provider"],
  ["its last moment", { nowMs: NOW + 1 }, "expired"],
])("with %s it is not", (_what, differs, error) => {
  expect(readAttempt(writeAttempt(attempt), { ...back, ...differs })).toEqual({ ok: false, error });
});

test.each(["", "null", "{}", JSON.stringify({ ...attempt, version: 2 })])(
  "%j is no attempt",
  (text) => {
    expect(readAttempt(text, back)).toEqual({ ok: false, error: "unreadable" });
  },
);

test("the cookie is bound to this host, out of reach of scripts, and gone after ten minutes", () => {
  expect(attemptCookie("__Host-x", "sealed")).toBe(
    "__Host-x=sealed; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax",
  );
  expect(attemptCookie("__Host-x", null)).toContain("__Host-x=; Path=/; Max-Age=0;");
});

test("two attempts have two cookies, so that two tabs do not disturb each other", () => {
  expect(cookieNameOf(attempt.state)).not.toBe(cookieNameOf(attemptFor("real").state));
  expect(cookieNameOf(attempt.state)).toMatch(/^__Host-naru-signin-[\w-]{8}$/);
});

test.each(["", "short", "x".repeat(44), `${"x".repeat(42)};`, `${"x".repeat(42)}\n`])(
  "%j names no cookie",
  (state) => {
    expect(cookieNameOf(state)).toBeNull();
  },
);

test.each([
  ["a=1; __Host-x=v; b=2", "v"],
  ["__Host-x=v=w", "v=w"],
  ["__Host-x=1; __Host-x=2", null],
  ["y__Host-x=v", null],
  ["", null],
  [undefined, null],
])("of %j the cookie is %j", (header, value) => {
  expect(readCookie(header, "__Host-x")).toBe(value);
});
