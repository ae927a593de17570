import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { WEBHOOK_SECRET_BYTES, webhookHeaders, webhookSecret } from "#platform/standard-webhooks";

const newSecret = (): string =>
  webhookSecret(crypto.getRandomValues(new Uint8Array(WEBHOOK_SECRET_BYTES)));
const aMessage = () => ({ id: "dlv_1", atMs: Date.now(), body: '{"type":"task.completed"}' });

/** The vectors that the reference libraries publish (JavaScript and Rust); the second secret has a `+`, which base64url spells otherwise. */
test.each([
  {
    secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    timestamp: 1_614_265_330,
    body: '{"test": 2432232314}',
    signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  },
  {
    secret: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
    id: "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
    timestamp: 1_649_367_553,
    body: '{"email":"test@example.com","username":"test_user"}',
    signature: "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
  },
])("signs the published message $id as published", async (vector) => {
  const { secret, id, timestamp, body, signature } = vector;
  expect(await webhookHeaders([secret], { id, atMs: timestamp * 1000 + 999, body })).toEqual({
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": signature,
  });
});

describe("the reference library, as a receiver", () => {
  test("verifies what we sign, whatever script the body is written in", async () => {
    const secret = newSecret();
    const message = { ...aMessage(), body: '{"type":"task.completed","data":"나루 ⛴"}' };
    expect(
      new Webhook(secret).verify(message.body, await webhookHeaders([secret], message)),
    ).toEqual(JSON.parse(message.body));
  });

  test("accepts either secret while one replaces the other, and no third one", async () => {
    const [older, newer] = [newSecret(), newSecret()];
    const message = aMessage();
    const headers = await webhookHeaders([newer, older], message);
    for (const secret of [older, newer])
      expect(() => new Webhook(secret).verify(message.body, headers)).not.toThrow();
    expect(() => new Webhook(newSecret()).verify(message.body, headers)).toThrow();
  });

  test.each([
    ["another body", { body: '{"type":"task.failed"}' }, {}],
    ["another id", {}, { "webhook-id": "dlv_2" }],
    ["another time", {}, { "webhook-timestamp": String(Math.floor(Date.now() / 1000) - 1) }],
  ])("refuses %s under the same signature", async (_name, changed, headers) => {
    const secret = newSecret();
    const message = aMessage();
    const signed = { ...(await webhookHeaders([secret], message)), ...headers };
    const { body } = { ...message, ...changed };
    expect(() => new Webhook(secret).verify(body, signed)).toThrow();
  });
});

test("refuses to sign with what is no secret of the specification's form", async () => {
  await expect(webhookHeaders(["plain text"], aMessage())).rejects.toThrow("whsec_");
});
