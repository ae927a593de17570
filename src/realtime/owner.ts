/** What somebody said and where they belong, for whoever asks for all that is kept of them, or wants it gone. */
import { callChannel } from "./channels";
import { roomChannel } from "./rooms";

/** Of an answer of a channel: events are at most 64 KiB each. */
const PAGE_EVENTS = 50;
/** Rooms in one call of the database. */
const PAGE_ROOMS = 100;

export const ownChannel = (userId: string): string => `user:${userId}`;

/** The rooms that somebody is in, by id. */
async function* roomsOf(env: Env, userId: string): AsyncGenerator<string> {
  let after = "";
  for (;;) {
    const { results }: D1Result<{ id: string }> = await env.DB.prepare(
      "SELECT room_id AS id FROM room_members WHERE user_id = ?1 AND room_id > ?2 ORDER BY room_id LIMIT ?3",
    )
      .bind(userId, after, PAGE_ROOMS)
      .all<{ id: string }>();
    for (const { id } of results) yield id;
    const last = results.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

/**
 * What somebody published in their own channel and in the rooms that they are in, as far as the channels' logs reach back. What was said in public channels and in
 * rooms that one has left is not found by who said it, and is gone after a day.
 */
export async function* publishedBy(env: Env, userId: string): AsyncGenerator<object> {
  yield* publishedIn(env, ownChannel(userId), userId);
  for await (const id of roomsOf(env, userId)) yield* publishedIn(env, roomChannel(id), userId);
}

async function* publishedIn(env: Env, channel: string, userId: string): AsyncGenerator<object> {
  let after = 0;
  for (;;) {
    const events = await callChannel(env, channel, async (stub) =>
      stub.publishedBy(userId, after, PAGE_EVENTS),
    );
    for (const { dataJson } of events) yield JSON.parse(dataJson) as object;
    const last = events.at(-1);
    if (last === undefined) return;
    after = last.offset;
  }
}

/**
 * Takes somebody out of the rooms that they are in, at most so many, with what they said there; the rooms of theirs end. Answers whether that was all; else it is
 * called again. Their own channel goes with the last of them.
 */
export async function eraseFromChannels(env: Env, userId: string, limit: number): Promise<boolean> {
  const { results } = await env.DB.prepare(
    `SELECT room_id AS id FROM room_members WHERE user_id = ?1 UNION SELECT id FROM rooms WHERE owner_id = ?1 LIMIT ?2`,
  )
    .bind(userId, limit)
    .all<{ id: string }>();
  for (const { id } of results) {
    await callChannel(env, roomChannel(id), async (stub) => stub.eraseMember(userId));
    // The room tells the index too, later where the database is away; this is what shows how far we are.
    await env.DB.batch([
      env.DB.prepare("DELETE FROM room_members WHERE room_id = ? AND user_id = ?").bind(id, userId),
      env.DB.prepare("DELETE FROM rooms WHERE id = ? AND owner_id = ?").bind(id, userId),
    ]);
  }
  if (results.length === limit) return false;
  await callChannel(env, ownChannel(userId), async (stub) => stub.forget());
  return true;
}
