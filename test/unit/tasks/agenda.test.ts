import { describe, expect, test } from "vitest";
import { admit } from "#tasks/core/admission";
import { Agenda } from "#tasks/core/agenda";
import { DrainMeter } from "#tasks/core/drain";
import { hold } from "#tasks/core/wake-up";
import type { Priority, TaskRow } from "#tasks/core/state";
import { MAX_QUEUED_PER_OWNER } from "#tasks/core/timing";
import { aQueuedRow, aRunningRow, aTask, T0 } from "../../support/tasks";

const unlimited = (): number => Infinity;
const queued = (id: string, changes: Partial<TaskRow> = {}): TaskRow =>
  aQueuedRow({ id, ...changes });

/** An agenda with these tasks ready, in this order. */
function agendaOf(rows: readonly TaskRow[]): Agenda {
  const agenda = new Agenda();
  for (const row of rows) agenda.put(row, T0);
  return agenda;
}

/** Starts and ends one task after another by its turn, each wake-up sent for the oldest that is left, and tells the order. */
function serve(agenda: Agenda, rows: readonly TaskRow[], limitOf = unlimited): string[] {
  const left = new Map(rows.map((row) => [row.id, row]));
  const order: string[] = [];
  while (left.size > 0) {
    const [oldest] = left.keys();
    const id = agenda.pick("fast", oldest ?? null, limitOf) ?? "";
    const row = left.get(id);
    if (!row) throw new Error(`${id} is not there to be served`);
    order.push(id);
    left.delete(id);
    agenda.put(aRunningRow(row), T0);
    agenda.put({ ...row, status: "completed", completedAtMs: T0 }, T0);
  }
  return order;
}
const many = (count: number, prefix: string, changes: Partial<TaskRow> = {}): TaskRow[] =>
  Array.from({ length: count }, (_, n) => queued(`${prefix}${n}`, changes));

describe("priorities", () => {
  const of = (priority: Priority, count: number): TaskRow[] =>
    many(count, priority.slice(0, 1), { priority });

  test("are served by weight: of nine starts six high, two normal, one low, whatever came first", () => {
    const rows = [...of("low", 30), ...of("normal", 30), ...of("high", 30)];
    const order = serve(agendaOf(rows), rows).map((id) => id.slice(0, 1));
    for (const from of [0, 9, 18, 27]) {
      const nine = order.slice(from, from + 9).join("");
      expect(nine.replaceAll(/[nl]/g, "")).toHaveLength(6);
      expect(nine.replaceAll(/[hl]/g, "")).toHaveLength(2);
    }
    expect(order[0]).toBe("h");
  });

  test("let one urgent task go before any number of others that came earlier", () => {
    const rows = [...of("low", 50), ...of("high", 1)];
    const agenda = agendaOf(rows);
    expect(agenda.pick("fast", "l0", unlimited)).toBe("h0");
    // Also one that comes when the others have been served for long.
    const late = queued("h9", { priority: "high" });
    serve(agenda, rows.slice(0, 0));
    agenda.put(late, T0);
    expect(["h0", "h9"]).toContain(agenda.pick("fast", "l3", unlimited));
  });

  test("starve nobody: a low task is served while high ones keep coming", () => {
    const low = queued("low", { priority: "low" });
    const rows = [low, ...of("high", 100)];
    expect(serve(agendaOf(rows), rows).indexOf("low")).toBeLessThan(10);
  });

  test("that are alike keep the order of their wake-ups", () => {
    const rows = many(20, "t");
    expect(serve(agendaOf(rows), rows)).toEqual(rows.map((row) => row.id));
  });
});

describe("owners", () => {
  const a = many(1_000, "a", { ownerId: "usr_a" });
  const b = many(3, "b", { ownerId: "usr_b", priority: "low" });

  test("take even turns: one with a thousand tasks holds up one with three no longer than three tasks", () => {
    const order = serve(agendaOf([...a, ...b]), [...a, ...b]);
    expect(order.slice(0, 8).filter((id) => id.startsWith("b"))).toHaveLength(3);
  });

  test("who come later join at the present turn, before what others have piled up", () => {
    const agenda = agendaOf(a);
    for (const row of a.slice(0, 500)) {
      agenda.put(aRunningRow(row), T0);
      agenda.put({ ...row, status: "completed", completedAtMs: T0 }, T0);
    }
    for (const row of b) agenda.put(row, T0);
    expect(
      serve(agenda, [...a.slice(500), ...b])
        .slice(0, 8)
        .filter((id) => id.startsWith("b")),
    ).toHaveLength(3);
  });

  test("get ahead of nobody by calling everything urgent", () => {
    const loud = many(100, "a", { ownerId: "usr_a", priority: "high" });
    const order = serve(agendaOf([...loud, ...b]), [...loud, ...b]);
    expect(order.slice(0, 8).filter((id) => id.startsWith("b"))).toHaveLength(3);
  });

  test("at their limit are passed over until one of theirs has ended", () => {
    const agenda = agendaOf([...a.slice(0, 3), ...b]);
    const two = (): number => 2;
    agenda.put(aRunningRow(a[0]), T0);
    agenda.put(aRunningRow(a[1]), T0);
    expect(agenda.pick("fast", "a2", two)).toBe("b0");
    for (const row of b) agenda.put({ ...row, status: "cancelled" }, T0);
    expect(agenda.pick("fast", "a2", two)).toBeNull();
    agenda.put({ ...aRunningRow(a[0]), status: "completed", lease: null }, T0);
    expect(agenda.pick("fast", "a2", two)).toBe("a2");
  });
});

describe("what is under way", () => {
  test("counts what runs and what has been announced; what is held is woken in its order", () => {
    const rows = many(3, "t");
    const agenda = agendaOf(rows);
    const [first, second, third] = rows;
    if (!first || !second || !third) throw new Error("unexpected");
    expect(agenda.underWay(first.ownerId)).toBe(3);
    agenda.put(hold(third, T0), T0);
    agenda.put(hold(second, T0), T0);
    expect(agenda.underWay(first.ownerId)).toBe(1);
    expect(agenda.nextHeld(first.ownerId)).toBe("t2");
    agenda.put(third, T0);
    expect(agenda.nextHeld(first.ownerId)).toBe("t1");
  });

  test("leaves out what waits for its time, until the sweeper sends it", () => {
    const later = queued("t", { notBeforeMs: T0 + 1_000, sends: 0 });
    const agenda = agendaOf([later]);
    expect(agenda.pick("fast", null, unlimited)).toBeNull();
    expect(agenda.nextHeld(later.ownerId)).toBeNull();
    agenda.put({ ...later, sends: 1 }, T0 + 1_000);
    expect(agenda.pick("fast", null, unlimited)).toBe("t");
  });

  test("of one lane is no matter of another", () => {
    const agenda = agendaOf([queued("s", { lane: "slow" })]);
    expect(agenda.pick("fast", null, unlimited)).toBeNull();
    expect(agenda.pick("slow", null, unlimited)).toBe("s");
  });
});

describe("the rate of a backlog", () => {
  test("is what was started in the last minute, while something waited all along", () => {
    const meter = new DrainMeter();
    meter.setBacklog(10, T0);
    for (let s = 0; s < 10; s++) meter.noteStart(T0 + s * 1_000);
    expect(meter.perSecond(T0 + 4_999)).toBeNull();
    expect(meter.perSecond(T0 + 10_000)).toBe(1);
    // A minute later nothing of that counts any more.
    expect(meter.perSecond(T0 + 80_000)).toBe(0);
  });

  test("is unknown without a backlog: what comes slowly is not served slowly", () => {
    const meter = new DrainMeter();
    meter.noteStart(T0);
    expect(meter.perSecond(T0 + 60_000)).toBeNull();
    meter.setBacklog(1, T0 + 60_000);
    meter.noteStart(T0 + 60_000);
    meter.setBacklog(0, T0 + 61_000);
    meter.setBacklog(5, T0 + 90_000);
    expect(meter.perSecond(T0 + 94_000)).toBeNull();
  });
});

describe("a new task", () => {
  /** 60 tasks of one owner wait, and for ten seconds one a second has been started. */
  function backlog(): Agenda {
    const rows = many(70, "a", { ownerId: "usr_a" });
    const agenda = agendaOf(rows);
    rows.slice(0, 10).forEach((row, s) => {
      agenda.put(aRunningRow(row), T0 + s * 1_000);
      agenda.put({ ...row, status: "completed" }, T0 + s * 1_000);
    });
    return agenda;
  }
  const nowMs = T0 + 10_000;
  const by = (ownerId: string, changes: object = {}) => aTask({ ownerId, ...changes });

  test("is refused where it could not start before its time is over, with the time after which it could", () => {
    const refusal = admit(by("usr_a", { startWithinMs: 45_000 }), backlog(), 1_000, nowMs);
    expect(refusal).toEqual({ verdict: "busy", retryAfterMs: 15_000 });
    expect(admit(by("usr_a", { startWithinMs: 60_000 }), backlog(), 1_000, nowMs)).toBeNull();
  });

  test("is refused where its caller would leave before, and taken where nobody waits", () => {
    expect(admit(by("usr_a", { patienceMs: 30_000 }), backlog(), 1_000, nowMs)).toEqual({
      verdict: "busy",
      retryAfterMs: 30_000,
    });
    expect(admit(by("usr_a"), backlog(), 1_000, nowMs)).toBeNull();
  });

  test("of another owner is not held up by that backlog, since turns are even", () => {
    expect(admit(by("usr_b", { patienceMs: 5_000 }), backlog(), 1_000, nowMs)).toBeNull();
  });

  test("for a later time is taken: what waits now tells nothing of then", () => {
    const task = by("usr_a", { patienceMs: 1, notBeforeMs: nowMs + 60_000 });
    expect(admit(task, backlog(), 1_000, nowMs)).toBeNull();
  });

  test("of an owner at the limit is refused for the owner's own backlog", () => {
    const task = by("usr_a", { patienceMs: 30_000 });
    expect(admit(task, backlog(), 10, nowMs)).toEqual({
      verdict: "own_backlog",
      retryAfterMs: 30_000,
    });
  });

  test("is taken where nothing was started lately: then nothing can be foreseen", () => {
    const agenda = agendaOf(many(100, "a"));
    expect(admit(aTask({ patienceMs: 1 }), agenda, 1_000, T0 + 120_000)).toBeNull();
  });

  test("is refused to one who has half a shard waiting", () => {
    const agenda = agendaOf(many(MAX_QUEUED_PER_OWNER, "a"));
    expect(admit(aTask(), agenda, 1_000, T0)).toMatchObject({ verdict: "own_backlog" });
    expect(admit(by("usr_b"), agenda, 1_000, T0)).toBeNull();
  });
});
