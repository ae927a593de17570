import { expect, test } from "vitest";
import { decideUnlink, resolveIdentity } from "#signin/core/resolution";
import type { Known } from "#signin/core/resolution";

const identity = { subject: "s", email: "a@people.test", name: null };
const NOTHING: Known = {
  ownerId: null,
  emailOwnerId: null,
  linkedSubject: null,
  isRegistrationOpen: true,
};

test.each([
  ["a known identity signs in", { ownerId: "usr_a" }, { kind: "sign_in", userId: "usr_a" }],
  [
    "a known identity signs in whoever has its address",
    { ownerId: "usr_a", emailOwnerId: "usr_b" },
    { kind: "sign_in", userId: "usr_a" },
  ],
  [
    "a known identity signs in where nobody may register",
    { ownerId: "usr_a", isRegistrationOpen: false },
    { kind: "sign_in", userId: "usr_a" },
  ],
  ["a new one gets an account", {}, { kind: "register", email: "a@people.test" }],
])("%s", (_what, known, value) => {
  expect(resolveIdentity(identity, null, { ...NOTHING, ...known })).toEqual({ ok: true, value });
});

test.each([
  [
    "the address of an account opens it not",
    { emailOwnerId: "usr_b" },
    identity,
    "OAUTH_ACCOUNT_EXISTS",
  ],
  [
    "nobody new comes in where registration is closed",
    { isRegistrationOpen: false },
    identity,
    "REGISTRATION_CLOSED",
  ],
  [
    "no account is made without an address",
    {},
    { ...identity, email: null },
    "OAUTH_EMAIL_REQUIRED",
  ],
])("%s", (_what, known, who, error) => {
  expect(resolveIdentity(who, null, { ...NOTHING, ...known })).toEqual({ ok: false, error });
});

test.each([
  ["a new identity is linked", {}, { ok: true, value: { kind: "link" } }],
  [
    "one with the address of another account is linked as well: the session decides",
    { emailOwnerId: "usr_b" },
    { ok: true, value: { kind: "link" } },
  ],
  [
    "linking twice is linking once",
    { ownerId: "usr_me", linkedSubject: "s" },
    { ok: true, value: { kind: "linked" } },
  ],
  [
    "another's identity is not taken",
    { ownerId: "usr_b" },
    { ok: false, error: "OAUTH_IDENTITY_TAKEN" },
  ],
  [
    "a second identity of one provider is refused",
    { linkedSubject: "t" },
    { ok: false, error: "OAUTH_ALREADY_LINKED" },
  ],
])("when linking, %s", (_what, known, expected) => {
  expect(resolveIdentity(identity, "usr_me", { ...NOTHING, ...known })).toEqual(expected);
});

test.each([
  [["a"], "a", true, { ok: true, value: undefined }],
  [["a", "b"], "a", false, { ok: true, value: undefined }],
  [["a"], "a", false, { ok: false, error: "OAUTH_LAST_SIGN_IN" }],
  [["b"], "a", true, { ok: false, error: "OAUTH_LINK_NOT_FOUND" }],
  [[], "a", true, { ok: false, error: "OAUTH_LINK_NOT_FOUND" }],
])(
  "of %j, unlinking %s with a password %j ends in %j",
  (linked, provider, hasPassword, expected) => {
    expect(decideUnlink(linked, provider, hasPassword)).toEqual(expected);
  },
);
