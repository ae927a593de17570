import { auditStatement } from "#audit/service";
import { closeForever, eraseGate, homeOf } from "#auth/service";
import { eraseAnswers } from "#cache/service";
import { systemClock } from "#platform/clock";
import { ApiError } from "#platform/errors";
import { eraseFromChannels } from "#realtime/service";
import { erasePages } from "#scrape/service";
import { eraseOwnTasks } from "#tasks/service";
import { eraseWorkers } from "#workers/service";
import type { ErasureStep } from "./core/erasure";
import { PERSON_TABLES } from "./core/person-tables";
import type { ErasureJob, ErasurePorts } from "./core/ports";
import { claimErasure, deleteRows, finishErasure, pseudonymise } from "./store";

/** Rows, entries and rooms in one part: a statement of D1 keeps all others waiting. */
const ROWS = 500;
const ROOMS = 20;

type Part = (env: Env, job: ErasureJob) => Promise<number | null>;

/** A part that is all there is of its step, or comes again as long as it says that there is more. */
const until =
  (work: (env: Env, job: ErasureJob) => Promise<boolean>): Part =>
  async (env, job) =>
    (await work(env, job)) ? null : 0;
const once =
  (work: (env: Env, job: ErasureJob) => Promise<void>): Part =>
  async (env, job) => {
    await work(env, job);
    return null;
  };

const PARTS: Readonly<Record<ErasureStep, Part>> = {
  close: once((env, { ownerId }) => closeForever(env, ownerId)),
  tasks: (env, { ownerId, cursor }) => eraseOwnTasks(env, ownerId, cursor),
  workers: once((env, { ownerId }) => eraseWorkers(env, ownerId)),
  channels: until((env, { ownerId }) => eraseFromChannels(env, ownerId, ROOMS)),
  answers: until((env, { ownerId }) => eraseAnswers(env, ownerId)),
  pages: until((env, { ownerId }) => erasePages(env.CACHE_KV, ownerId)),
  gate: once((env, { ownerId }) => eraseGate(env, ownerId, false)),
  forget: once((env, { ownerId }) => eraseGate(env, ownerId, true)),
  audit: until((env, { ownerId, pseudonym }) => pseudonymise(env.DB, ownerId, pseudonym, ROWS)),
  records: eraseRecords,
  finish: once((env, { ownerId }) => finishErasure(env.DB, ownerId, systemClock())),
};

/** `cursor` is the table; a table of many rows is come back to. */
async function eraseRecords(env: Env, { ownerId, cursor }: ErasureJob): Promise<number | null> {
  const table = PERSON_TABLES[cursor];
  if (table === undefined) return null;
  const deleted = await deleteRows(env.DB, table, ownerId, ROWS);
  if (deleted === ROWS) return cursor;
  return cursor + 1 < PERSON_TABLES.length ? cursor + 1 : null;
}

/** What the object of an account asks of this Worker. */
export const createErasurePorts = (env: Env): ErasurePorts => ({
  claim: (ownerId) => {
    const event = {
      actorId: ownerId,
      action: "user.erase",
      subjectId: ownerId,
      address: null,
      details: {},
    } as const;
    return claimErasure(env.DB, ownerId, systemClock(), auditStatement(env, event, "if changed"));
  },
  run: (step, job) => PARTS[step](env, job),
});

/**
 * Has a person and all that is kept of them erased. When this resolves nobody comes in as them any more, and the rest is under way. Throws LAST_ADMIN, and
 * DEPENDENCY_UNAVAILABLE where it can't be known yet whether it has begun: asking again joins it.
 */
export async function eraseOwner(env: Env, ownerId: string): Promise<void> {
  let verdict: Awaited<ReturnType<ErasurePorts["claim"]>>;
  try {
    verdict = await env.ACCOUNT.getByName(homeOf(ownerId)).erase(ownerId);
  } catch (error) {
    throw new ApiError("DEPENDENCY_UNAVAILABLE", {
      cause: error,
      internal: "erasure",
      headers: { "Retry-After": "5" },
    });
  }
  if (verdict === "last_admin") throw new ApiError("LAST_ADMIN");
  if (verdict === "unknown") throw new ApiError("RESOURCE_NOT_FOUND");
}
