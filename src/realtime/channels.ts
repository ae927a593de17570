import { ApiError } from "#platform/errors";
import type { Principal } from "#platform/principal";
import { watchTask } from "#tasks/service";
import { isReservedEvent } from "./core/access";
import type { ChannelAct } from "./core/access";
import { channelObjectName, hasPresence } from "./core/channel-name";
import type { ChannelName } from "./core/channel-name";
import { enterChannel as enter } from "./core/door";
import type { Position } from "./core/recovery";

type Visitor = Pick<Principal, "ownerId" | "role">;
export type ChannelStub = ReturnType<Env["CHANNEL"]["getByName"]>;

/** A channel's past or its next events, as they are shown. */
export interface ChannelPage {
  readonly epoch: string;
  readonly offset: number;
  readonly recovered: boolean;
  readonly events: readonly { readonly offset: number; readonly dataJson: string }[];
}

export const channelStub = (env: Env, name: string): ChannelStub =>
  env.CHANNEL.getByName(channelObjectName(name));

/**
 * One call to a channel, once more through a fresh stub where its object was reset. `call` has to bear being made twice. Refuses with
 * DEPENDENCY_UNAVAILABLE.
 */
export async function callChannel<T>(
  env: Env,
  name: string,
  call: (stub: ChannelStub) => Promise<T>,
): Promise<T> {
  try {
    return await call(channelStub(env, name)).catch(() => call(channelStub(env, name)));
  } catch (error) {
    throw new ApiError("DEPENDENCY_UNAVAILABLE", {
      cause: error,
      internal: "channel",
      headers: { "Retry-After": "1" },
    });
  }
}

/** The channel, where this person or service may do this there. Refuses with CHANNEL_NOT_FOUND and CHANNEL_FORBIDDEN. */
export async function enterChannel(
  env: Env,
  visitor: Visitor,
  name: string,
  act: ChannelAct,
): Promise<ChannelName> {
  const entered = await enter(name, visitor, act, {
    askRoom: (channel, ownerId) =>
      callChannel(env, channel, async (stub) => stub.door(ownerId, act)),
    watchTask: (taskId, ownerId, isAnew) => watchTask(env, taskId, ownerId, isAnew),
    offsetOf: async (channel) =>
      (await callChannel(env, channel, async (stub) => stub.history(channel, null, 1))).offset,
  });
  if (entered.ok) return entered.value;
  throw new ApiError(entered.error === "hidden" ? "CHANNEL_NOT_FOUND" : "CHANNEL_FORBIDDEN");
}

/** Publishes in somebody's name. `messageId` makes it safe to repeat for five minutes. */
export async function publishAs(
  env: Env,
  visitor: Visitor,
  channel: string,
  message: {
    readonly event: string;
    /** Any JSON. */
    readonly payload: unknown;
    readonly messageId: string;
    readonly cause: string;
  },
): Promise<{ offset: number; isDuplicate: boolean }> {
  const { name } = await enterChannel(env, visitor, channel, "publish");
  if (isReservedEvent(message.event)) throw new ApiError("CHANNEL_FORBIDDEN");
  return callChannel(env, name, async (stub) =>
    stub.publish({
      channel: name,
      event: message.event,
      payloadJson: JSON.stringify(message.payload),
      messageId: message.messageId,
      publisher: visitor.ownerId,
      cause: message.cause,
    }),
  );
}

export async function readHistory(
  env: Env,
  visitor: Visitor,
  channel: string,
  since: Position | null,
  limit: number,
): Promise<ChannelPage> {
  const { name } = await enterChannel(env, visitor, channel, "subscribe");
  return callChannel(env, name, async (stub) => stub.history(name, since, limit));
}

export async function readPresence(
  env: Env,
  visitor: Visitor,
  channel: string,
): Promise<{ members: readonly { user_id: string; since_ms: number }[]; count: number }> {
  const { name, kind } = await enterChannel(env, visitor, channel, "subscribe");
  if (!hasPresence(kind)) return { members: [], count: 0 };
  return callChannel(env, name, async (stub) => stub.presence(name));
}
