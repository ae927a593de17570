import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { createEgress } from "#egress/service";
import type { Egress } from "#egress/service";
import { newId } from "#platform/ids";
import type { NewTask } from "#tasks/core/lifecycle";
import { startTimer } from "#platform/timer";
import { sendDelivery } from "#tasks/webhook-client";
import { consumeWebhooks } from "#tasks/webhook-consumer";
import type { WebhookDeps } from "#tasks/webhook-consumer";
import { api } from "./api";
import { PUBLIC, SETTINGS } from "./egress";
import { fakeNetwork } from "./outside";
import type { FakeAnswer, FakeNetwork } from "./outside";
import { aTaskOf, cutQueues, SHARDS, shardStub, SILENT, swapEnv } from "./task-shards";

export const RECEIVER = "https://receiver.example/hook";

/** Cuts a shard off from the queue of webhooks, and tells what it sent there. */
export async function cutWebhooks(shard = 0): Promise<string[]> {
  const sent: string[] = [];
  const sendBatch = async (messages: Iterable<{ body: { task_id: string } }>): Promise<void> => {
    for (const { body } of messages) sent.push(body.task_id);
  };
  await cutQueues(shard);
  await swapEnv(shard, { WEBHOOKS: { sendBatch } });
  return sent;
}

export interface Outside {
  readonly network: FakeNetwork;
  readonly egress: Egress;
}

/** A receiver that answers so, and nothing else that answers. */
export function receiver(answer: FakeAnswer, settings: Partial<typeof SETTINGS> = {}): Outside {
  const network = fakeNetwork({ [RECEIVER]: answer });
  const { fetch } = network;
  return {
    network,
    egress: createEgress({ ...SETTINGS, ...settings }, { fetch, resolve: PUBLIC }),
  };
}

/** The text that was sent. */
export const bodyOf = (init: RequestInit | undefined): string =>
  typeof init?.body === "string" ? init.body : "";

/** Hands a sender the wake-up of a task, as the queue would. True where it was acknowledged. */
export async function sendWebhooks(
  taskId: unknown,
  { egress }: Outside,
  changes: Partial<WebhookDeps> = {},
): Promise<boolean> {
  const batch = createMessageBatch("webhooks", [
    { id: "m1", attempts: 1, timestamp: new Date(), body: { v: 1, task_id: taskId } },
  ]);
  await consumeWebhooks(batch, {
    shard: (name) => env.TASK_SHARD.getByName(name),
    shards: SHARDS,
    send: (assignment) => sendDelivery(egress, assignment),
    log: SILENT,
    random: () => 0.5,
    startTimer,
    ...changes,
  });
  const result = await getQueueResult(batch, createExecutionContext());
  return result.explicitAcks.includes("m1");
}

/** A task that has ended with this result, of an owner of its own, and wants its receiver to be told. */
export async function anEndedTask(
  result: unknown = { ok: true },
  changes: Partial<NewTask> = {},
): Promise<NewTask> {
  const ownerId = newId("usr", Date.now());
  const task = aTaskOf(0, { ownerId, callbackUrl: RECEIVER, ...changes });
  await shardStub().submit(task, 0);
  await completeTask(task.id, result);
  return task;
}

export async function completeTask(taskId: string, result: unknown): Promise<void> {
  const [verdict] = await shardStub().claimMany([{ taskId, messageId: "m", delivery: 1 }], "c");
  if (verdict?.verdict !== "run") throw new Error("not given out");
  const { fence } = verdict.assignment;
  const outcome = { status: "completed", json: JSON.stringify(result) } as const;
  await shardStub().completeMany([{ taskId, fence, outcome }]);
}

/** A secret of the key's owner, as the owner reads it. */
export async function newSecret(key: string, body?: object): Promise<string> {
  const response = await api("/api/v1/webhook-secret", {
    key,
    method: "POST",
    ...(body === undefined ? {} : { json: body }),
  });
  if (response.status !== 201) throw new Error(`the secret answered ${response.status}`);
  return (await response.json<{ secret: string }>()).secret;
}
