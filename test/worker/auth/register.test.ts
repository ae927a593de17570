import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { addressGateName, admitAddress, limitsOf } from "#limits/service";
import { api, uniqueAddress } from "../../support/api";
import { login, PASSWORD } from "../../support/people";

interface Registration {
  readonly address: string;
  readonly key?: string;
  readonly email?: string;
  readonly password?: string;
  readonly name?: string;
}

const register = (registration: Registration): Promise<Response> => {
  const { address, key, email = "a@naru.test", password = PASSWORD, name = "A" } = registration;
  return api("/api/v1/auth/register", {
    json: { email, password, name },
    address,
    headers: key === undefined ? {} : { "Idempotency-Key": key },
  });
};
const outcome = async (call: Promise<Response>): Promise<string> => {
  const response = await call;
  const { code = "" } = await response.json<{ code?: string }>();
  return `${response.status} ${code}`.trim();
};
const people = async (): Promise<number> =>
  (await env.DB.prepare(
    "SELECT count(*) AS n FROM users WHERE email LIKE '%@naru.test'",
  ).first<number>("n")) ?? NaN;

test("a registration whose answer was lost is asked for again and answers the same", async () => {
  const address = uniqueAddress();
  const first = await register({ address, key: "one" });
  const again = await register({ address, key: "one" });
  expect([first.status, again.status]).toEqual([201, 201]);
  expect([first, again].map(({ headers }) => headers.get("idempotency-replayed"))).toEqual([
    null,
    "true",
  ]);
  expect(await again.json()).toEqual(await first.json());
  expect(await people()).toBe(1);
  expect((await login("a@naru.test")).status).toBe(200);
});

test("of two that come at once one makes the account, and neither reads of a taken address", async () => {
  const address = uniqueAddress();
  const both = await Promise.all([1, 2].map(() => outcome(register({ address, key: "one" }))));
  expect(both.toSorted()[0]).toBe("201");
  expect(["201", "409 IDEMPOTENCY_IN_PROGRESS"]).toContain(both.toSorted()[1]);
  expect(await people()).toBe(1);
});

test.each([
  ["without a key", {}, "409 EMAIL_TAKEN"],
  ["under another key", { key: "two" }, "409 EMAIL_TAKEN"],
  [
    "with another password",
    { key: "one", password: "another ferry at dusk" },
    "422 IDEMPOTENCY_KEY_REUSED",
  ],
  ["with another name", { key: "one", name: "B" }, "422 IDEMPOTENCY_KEY_REUSED"],
])(
  "whoever registers a taken address %s is told nothing of the account",
  async (_what, more, told) => {
    const address = uniqueAddress();
    await (await register({ address, key: "one" })).text();
    const response = await register({ address, ...more });
    const text = await response.clone().text();
    expect(await outcome(Promise.resolve(response))).toBe(told);
    expect(text).not.toMatch(/usr_|@naru/);
  },
);

test("from another address the key and the whole body are those of a stranger", async () => {
  await (await register({ address: uniqueAddress(), key: "one" })).text();
  expect(await outcome(register({ address: uniqueAddress(), key: "one" }))).toBe("409 EMAIL_TAKEN");
});

test("two people behind one address may choose the same key", async () => {
  const address = uniqueAddress();
  expect(await outcome(register({ address, key: "1" }))).toBe("201");
  expect(await outcome(register({ address, key: "1", email: "b@naru.test" }))).toBe("201");
  expect(await people()).toBe(2);
});

test("a refused registration leaves its key free", async () => {
  const address = uniqueAddress();
  expect(await outcome(register({ address, key: "1", password: "short" }))).toBe(
    "422 VALIDATION_FAILED",
  );
  expect(await outcome(register({ address, key: "1" }))).toBe("201");
});

test("a repetition counts like any call, and an address cannot send keys without end", async () => {
  const address = uniqueAddress();
  for (let i = 0; i < 98; i++) await admitAddress(limitsOf(env), address);
  expect(await outcome(register({ address, key: "one" }))).toBe("201");
  expect(await outcome(register({ address, key: "one" }))).toBe("201");
  expect(await outcome(register({ address, key: "two" }))).toBe("429 RATE_LIMITED");
});

test("the address's gate keeps neither the password nor whose the key is", async () => {
  const address = uniqueAddress();
  await (await register({ address, key: "one-of-mine" })).text();
  const gate = env.CLIENT_GATE.getByName(addressGateName(address));
  const rows = await runInDurableObject(gate, (_gate, state) =>
    state.storage.sql.exec("SELECT key, fingerprint FROM replays").toArray(),
  );
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toMatch(/one-of-mine|naru\.test|ferry/);
});
