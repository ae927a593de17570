import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { StatusSchema } from "#system/schemas";
import type { Channel } from "../../../src/index";
import { api, createTestKey } from "../../support/api";
import { connect, offsetsOf } from "../../support/sockets";

const STATUS = "system:status";
const channel = () => env.CHANNEL.getByName(`ch:${STATUS}`);
const alarmIsSet = (): Promise<boolean> =>
  runInDurableObject(
    channel(),
    async (_instance: Channel, state) => (await state.storage.getAlarm()) !== null,
  );
const setClock = (ms: number): Promise<void> =>
  runInDurableObject(channel(), (instance: Channel) => {
    instance.clock = () => ms;
  });

test("an administrator who listens is told the status at once, and every five seconds", async () => {
  const { key } = await createTestKey({ role: "admin" });
  const client = await connect(key);
  // As soon as it is asked: the alarm is due at that moment, and the runtime runs it.
  await client.ask("subscribe", { channel: STATUS });
  const first = await client.until(({ type }) => type === "event");
  expect(first.data).toMatchObject({ channel: STATUS, event: "system.status", offset: 1 });
  expect(StatusSchema.parse(first.data["payload"])).toMatchObject({ status: "operational" });
  // The alarm may come for other reasons: nothing is told before its time.
  await runDurableObjectAlarm(channel());
  expect(offsetsOf(client, STATUS)).toEqual([1]);
  await setClock(Date.now() + 5_000);
  await runDurableObjectAlarm(channel());
  await client.until(({ data }) => data["offset"] === 2);
  expect(offsetsOf(client, STATUS)).toEqual([1, 2]);
});

test("nothing is told where nobody listens", async () => {
  const { key } = await createTestKey({ role: "admin" });
  const client = await connect(key);
  await client.ask("subscribe", { channel: STATUS });
  await client.until(({ type }) => type === "event");
  await client.ask("unsubscribe", { channel: STATUS });
  await setClock(Date.now() + 60_000);
  await runDurableObjectAlarm(channel());
  await runDurableObjectAlarm(channel());
  const answer = await api(`/api/v1/realtime/channels/${STATUS}/history`, { key });
  expect(await answer.json()).toMatchObject({ offset: 1 });
  // What it keeps of the past has its time; nothing else is due.
  expect(await alarmIsSet()).toBe(true);
});

test("a reader without a socket is told as well", async () => {
  const { key } = await createTestKey({ role: "admin" });
  const response = await api(`/api/v1/realtime/sse?channel=${STATUS}`, { key });
  let text = "";
  if (!response.body) throw new Error("no stream");
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes("system.status")) break;
  }
  expect(text).toContain('"event":"system.status"');
});
