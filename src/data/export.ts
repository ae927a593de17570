import { homeOf, identityDepsOf, listSessions, presentSession } from "#auth/service";
import { ask, limitsOf } from "#limits/service";
import { systemClock, toTimestamp } from "#platform/clock";
import { readConfig } from "#platform/config";
import { describeError } from "#platform/log";
import type { Logger } from "#platform/log";
import { publishedBy } from "#realtime/service";
import { readOwnDeliveries, readOwnTasks } from "#tasks/service";
import { presentRow, writeExport } from "./core/export-format";
import type { ExportSection } from "./core/export-format";
import { PERSON_TABLES } from "./core/person-tables";
import { readAuditOf, readRows } from "./store";

/** Text is handed on in pieces of about so many characters: one for each row would cost a turn each. */
const PIECE_CHARS = 64 * 1024;

/**
 * All that is kept of a person, as a stream of one JSON document that is read page by page as it is taken. What fails in the middle breaks the stream off: what
 * arrived then has no end, and is no JSON. Throws DEPENDENCY_UNAVAILABLE where the person's gate can't be asked to tell what it has not written yet.
 */
export async function exportOwner(
  env: Env,
  ownerId: string,
  log: Logger,
): Promise<ReadableStream<Uint8Array>> {
  await ask(limitsOf(env), homeOf(ownerId), async (gate) => {
    await gate.settleKeys();
    await gate.tellRequests();
  });
  const head = { exported_at: toTimestamp(systemClock()) };
  return streamOf(writeExport(head, sectionsOf(env, ownerId)), log);
}

/** The account itself first, then what the database holds, then what the objects hold. */
function sectionsOf(env: Env, ownerId: string): ExportSection[] {
  const list = (name: string, rows: ExportSection["rows"]): ExportSection => ({
    name,
    isSingle: false,
    rows,
  });
  const tables = PERSON_TABLES.toReversed().flatMap((table) =>
    table.section === null
      ? []
      : [
          {
            name: table.section,
            isSingle: table.isSingle === true,
            rows: () => mapRows(readRows(env.DB, table, ownerId), (row) => presentRow(table, row)),
          },
        ],
  );
  return [
    ...tables,
    list("sessions", () => readSessions(env, ownerId)),
    list("tasks", () => readOwnTasks(env, ownerId)),
    list("webhook_deliveries", () => readOwnDeliveries(env, ownerId)),
    list("channel_events", () => publishedBy(env, ownerId)),
    list("audit", () => mapRows(readAuditOf(env.DB, ownerId), (row) => presentEntry(row, ownerId))),
  ];
}

async function* mapRows<T>(
  rows: AsyncIterable<T>,
  present: (row: T) => object,
): AsyncGenerator<object> {
  for await (const row of rows) yield present(row);
}

async function* readSessions(env: Env, ownerId: string): AsyncGenerator<object> {
  for (const session of await listSessions(identityDepsOf(env, readConfig(env)), ownerId))
    yield presentSession(session);
}

/** An entry about the person. Who else did it, from where, or had it done to them, is that other's: it says only that it was another. */
function presentEntry(row: Record<string, unknown>, ownerId: string): object {
  const { id, at, actor_id: actor, subject_id: subject, action, address, details } = row;
  const isOther = actor !== null && actor !== ownerId;
  return {
    id,
    at: toTimestamp(Number(at)),
    action,
    actor: actor === null ? null : isOther ? "another" : "you",
    subject: subject === ownerId ? "you" : isPerson(subject) ? "another" : subject,
    address: isOther ? null : address,
    details: typeof details === "string" ? (JSON.parse(details) as object) : {},
  };
}

const isPerson = (subject: unknown): boolean => /^(?:usr|erased)_/.test(String(subject));

/** Parts as bytes, gathered into pieces. Nothing is read before it is asked for. */
function streamOf(parts: AsyncGenerator<string>, log: Logger): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let piece = "";
        try {
          while (piece.length < PIECE_CHARS) {
            const next = await parts.next();
            if (next.done === true) {
              if (piece !== "") controller.enqueue(encoder.encode(piece));
              controller.close();
              return;
            }
            piece += next.value;
          }
          controller.enqueue(encoder.encode(piece));
        } catch (error) {
          log.error("export.broken_off", describeError(error));
          controller.error(error);
        }
      },
      async cancel() {
        await parts.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
