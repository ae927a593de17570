import type { Clock } from "#platform/clock";
import { buryOrRequeue, cancelTask, createRow, dueAtMs, renewLease, settleTask } from "./lifecycle";
import { buryTask, replayTask } from "./dead-letters";
import type { ReplayVerdict } from "./dead-letters";
import { admit } from "./admission";
import type { Agenda } from "./agenda";
import type { LogLine } from "./events";
import type { Placement } from "./placement";
import { Turns } from "./turns";
import { hold } from "./wake-up";
import type { Claim, HeartbeatVerdict, NewTask, Settlement, SkipReason } from "./lifecycle";
import type { Assignment, Renewal, ReportOutcome, RunReport } from "./run-task";
import { viewOf } from "./state";
import type { KeptResult, Lane, TaskRow, TaskView } from "./state";
import { sweepTask } from "./sweep";
import type { LaneProgress } from "./sweep";
import { backoffMs } from "#platform/retry";
import { IDEMPOTENCY_MS, MAX_QUEUED_PER_SHARD, QUEUE_FULL_RETRY_MS, SEND_BACKOFF } from "./timing";

/** What a shard keeps. Every call takes part in the transaction of the turn that makes it. */
export interface TaskBook {
  readonly find: (id: string) => TaskRow | null;
  readonly insert: (row: TaskRow, inputJson: string, dueAtMs: number) => void;
  /** Writes a changed record and moves its counters; refuses a transition that is not legal. */
  readonly save: (before: TaskRow, after: TaskRow, dueAtMs: number) => void;
  readonly remove: (row: TaskRow) => void;
  readonly readInput: (id: string) => string;
  readonly keepResult: (id: string, json: string) => KeptResult;
  /** Whose turn it is, as the rows say. */
  readonly agenda: () => Agenda;
  readonly findKey: (
    ownerId: string,
    key: string,
    nowMs: number,
  ) => { readonly taskId: string; readonly fingerprint: string } | null;
  readonly keepKey: (
    ownerId: string,
    key: string,
    value: { readonly taskId: string; readonly fingerprint: string; readonly expiresAtMs: number },
  ) => void;
  readonly countQueued: () => number;
  /** The tasks that are due, longest first. */
  readonly due: (nowMs: number, limit: number) => TaskRow[];
  readonly seeConsumer: (consumerId: string, nowMs: number) => void;
  readonly noteClaim: (nowMs: number) => void;
  /** Drops keys and consumers whose time is over. */
  readonly prune: (nowMs: number) => void;
}

export interface DeskEffects {
  /** A consumer is to be woken for this task, by a queue message. */
  readonly wake: (row: TaskRow) => void;
  /** A record is new or has changed; `isVisible` where the index is to be told. */
  readonly changed: (row: TaskRow, dueAtMs: number, isVisible: boolean) => void;
  /** The worker that holds the task wrote these lines for its followers. */
  readonly logged?: (row: TaskRow, lines: readonly LogLine[]) => void;
}

export type SubmitVerdict =
  | { readonly verdict: "accepted" | "joined"; readonly task: TaskView }
  | { readonly verdict: "key_reused" }
  /** The shard takes no more, or `busy`: what waits already can't be served before this task's time or its caller's patience is over. */
  | { readonly verdict: "full" | "busy"; readonly retryAfterMs: number }
  /** It is the owner's own tasks that stand in the way. */
  | { readonly verdict: "own_backlog"; readonly retryAfterMs: number };

export type ClaimVerdict =
  | { readonly verdict: "run"; readonly assignment: Assignment }
  | { readonly verdict: "skip"; readonly reason: SkipReason }
  /** The answer is full: ask for this one again. */
  | { readonly verdict: "later" };

export interface CancelVerdict {
  readonly isCancelled: boolean;
  readonly task: TaskView;
}

export type SettleVerdict = "accepted" | "superseded" | "unknown";

/** An RPC carries at most 32 MiB; a claim's answer stops well before. */
const MAX_CLAIM_CHARS = 8 * 1024 * 1024;
const SWEEP_LIMIT = 1_000;

/** The counter of a shard: loads, lets the rules decide, keeps the decision, and says what follows from it. */
export class TaskDesk {
  readonly #book: TaskBook;
  readonly #effects: DeskEffects;
  readonly #now: Clock;
  readonly #random: () => number;
  readonly #turns: Turns;
  /** In memory only: a new instance merely judges a few wake-ups lost that were waiting. */
  readonly #lanes: Record<Lane, LaneProgress> = {
    fast: { lastClaimAtMs: 0, reachedSentAtMs: 0 },
    slow: { lastClaimAtMs: 0, reachedSentAtMs: 0 },
    pool: { lastClaimAtMs: 0, reachedSentAtMs: 0 },
  };

  /** By `placement` an owner's tasks are limited here; without limit where it is not told. */
  constructor(
    book: TaskBook,
    effects: DeskEffects,
    now: Clock,
    random: () => number,
    placement: Placement = { shards: 1, concurrency: Infinity },
  ) {
    this.#book = book;
    this.#effects = effects;
    this.#now = now;
    this.#random = random;
    this.#turns = new Turns(book, placement, {
      save: (before, after) => {
        this.#save(before, after);
      },
      wake: effects.wake,
    });
  }

  /**
   * Records a task, or joins the one that stands under its idempotency key. The same id again is the same call, repeated by a caller
   * who lost the answer.
   */
  submit(task: NewTask): SubmitVerdict {
    const nowMs = this.#now();
    const repeated = this.#book.find(task.id);
    if (repeated) return { verdict: "accepted", task: viewOf(repeated) };
    const { idempotency, ownerId } = task;
    if (idempotency) {
      const known = this.#book.findKey(ownerId, idempotency.key, nowMs);
      if (known && known.fingerprint !== idempotency.fingerprint) return { verdict: "key_reused" };
      const joined = known && this.#book.find(known.taskId);
      if (joined) return { verdict: "joined", task: viewOf(joined) };
    }
    if (this.#book.countQueued() >= MAX_QUEUED_PER_SHARD)
      return { verdict: "full", retryAfterMs: QUEUE_FULL_RETRY_MS };
    const limit = this.#turns.limitOf(ownerId, task.id);
    const refusal = admit(task, this.#book.agenda(), limit, nowMs);
    if (refusal) return refusal;
    const created = createRow(task, nowMs);
    const isOneTooMany = created.sends > 0 && this.#turns.isAtLimit(created);
    const row = isOneTooMany ? hold(created, nowMs) : created;
    const due = dueAtMs(row);
    this.#book.insert(row, task.inputJson, due);
    if (idempotency)
      this.#book.keepKey(ownerId, idempotency.key, {
        taskId: row.id,
        fingerprint: idempotency.fingerprint,
        expiresAtMs: nowMs + IDEMPOTENCY_MS,
      });
    this.#effects.changed(row, due, true);
    if (row.sends > 0) this.#effects.wake(row);
    return { verdict: "accepted", task: viewOf(row) };
  }

  /** The task if it is this owner's. */
  find(id: string, ownerId: string): TaskRow | null {
    const row = this.#book.find(id);
    return row?.ownerId === ownerId ? row : null;
  }

  claim(claims: readonly Claim[], consumerId: string): ClaimVerdict[] {
    const nowMs = this.#now();
    let chars = 0;
    let isGiven = false;
    const verdicts = claims.map((claim): ClaimVerdict => {
      if (chars >= MAX_CLAIM_CHARS) return { verdict: "later" };
      const own = this.#book.find(claim.taskId);
      if (!own) return { verdict: "skip", reason: "unknown" };
      const decision = this.#turns.give(own, claim, consumerId, nowMs);
      if (decision.verdict === "skip") return { verdict: "skip", reason: decision.reason };
      isGiven = true;
      this.#lanes[own.lane] = {
        lastClaimAtMs: nowMs,
        reachedSentAtMs: Math.max(this.#lanes[own.lane].reachedSentAtMs, own.sentAtMs),
      };
      const inputJson = this.#book.readInput(decision.row.id);
      chars += inputJson.length;
      return { verdict: "run", assignment: assign(decision.row, inputJson, consumerId) };
    });
    this.#book.seeConsumer(consumerId, nowMs);
    if (isGiven) this.#book.noteClaim(nowMs);
    return verdicts;
  }

  heartbeat(renewals: readonly Renewal[]): HeartbeatVerdict[] {
    const nowMs = this.#now();
    for (const id of new Set(renewals.map((renewal) => renewal.consumerId)))
      this.#book.seeConsumer(id, nowMs);
    return renewals.map(({ taskId, fence, progressJson, logs = [] }) => {
      const row = this.#book.find(taskId);
      if (!row) return "lost";
      const renewed = renewLease(row, fence, progressJson, nowMs);
      if (renewed.verdict === "go" && logs.length > 0) this.#effects.logged?.(row, logs);
      if (renewed.row !== row) this.#save(row, renewed.row);
      return renewed.verdict;
    });
  }

  complete(reports: readonly RunReport[]): SettleVerdict[] {
    return reports.map(({ taskId, fence, outcome, progressJson = null, logs = [] }) => {
      const row = this.#book.find(taskId);
      if (!row) return "unknown";
      // Asked before the result is kept, so that a fenced worker leaves no trace.
      if (!row.lease || row.fence !== fence) return "superseded";
      if (logs.length > 0) this.#effects.logged?.(row, logs);
      const settled = settleTask(
        { ...row, progressJson: progressJson ?? row.progressJson },
        fence,
        this.#settlementOf(taskId, outcome),
        this.#now(),
        this.#random(),
      );
      if (!settled.ok) return settled.error;
      this.#save(row, settled.value);
      return "accepted";
    });
  }

  cancel(id: string, ownerId: string): CancelVerdict | null {
    const row = this.find(id, ownerId);
    if (!row) return null;
    const cancelled = cancelTask(row, this.#now());
    if (!cancelled.ok) return { isCancelled: false, task: viewOf(row) };
    this.#save(row, cancelled.value);
    return { isCancelled: true, task: viewOf(cancelled.value) };
  }

  /** The queue gave up on these wake-ups. */
  undeliverable(ids: readonly string[]): void {
    for (const id of ids) {
      const row = this.#book.find(id);
      const after = row && buryOrRequeue(row, this.#now(), this.#random());
      if (row && after && after !== row) this.#save(row, after);
    }
  }

  /** Gives a dead letter a new life, if the shard has room for it. */
  replay(id: string): ReplayVerdict {
    const row = this.#book.find(id);
    const again = row && replayTask(row, this.#now());
    if (!row || !again?.ok) return "not_dead";
    if (this.#book.countQueued() >= MAX_QUEUED_PER_SHARD) return "full";
    this.#save(row, again.value);
    this.#effects.wake(again.value);
    return "replayed";
  }

  /** Takes a task off the dead letters; false where it is none. */
  bury(id: string): boolean {
    const row = this.#book.find(id);
    const buried = row && buryTask(row);
    if (!row || !buried?.ok) return false;
    this.#save(row, buried.value);
    return true;
  }

  /** A send was refused: nothing is lost, the sweeper sends again after a growing pause. */
  unsent(ids: readonly string[], failures: number): void {
    const wakeAtMs = this.#now() + backoffMs(SEND_BACKOFF, failures, this.#random());
    for (const id of ids) {
      const row = this.#book.find(id);
      // Room that a refusal makes is nobody's: another wake-up would be refused too, at once and for ever.
      if (row?.status === "queued") this.#write(row, { ...row, sends: 0, wakeAtMs });
    }
  }

  /** Settles what is due, as much as one turn should take, and wakes consumers. */
  sweep(): void {
    const nowMs = this.#now();
    const rows = this.#book.due(nowMs, SWEEP_LIMIT);
    for (const row of rows) {
      const isAtLimit = this.#turns.isAtLimit(row);
      const decision = sweepTask(row, this.#lanes[row.lane], nowMs, this.#random(), isAtLimit);
      if (decision.action === "delete") this.#book.remove(row);
      if (decision.action === "save" || decision.action === "send") this.#save(row, decision.row);
      if (decision.action === "send") this.#effects.wake(decision.row);
    }
    this.#book.prune(nowMs);
  }

  #save(before: TaskRow, after: TaskRow): void {
    this.#write(before, after);
    if (isUnderWay(before) && !isUnderWay(after)) this.#turns.release(after, this.#now());
  }

  #write(before: TaskRow, after: TaskRow): void {
    const due = dueAtMs(after);
    this.#book.save(before, after, due);
    this.#effects.changed(after, due, after.version !== before.version);
  }

  #settlementOf(taskId: string, outcome: ReportOutcome): Settlement {
    if (outcome.status !== "completed") return outcome;
    return { status: "completed", result: this.#book.keepResult(taskId, outcome.json) };
  }
}

/** It runs, or a wake-up for it is on the way. */
const isUnderWay = ({ status, sends }: TaskRow): boolean =>
  status === "running" || (status === "queued" && sends > 0);

const assign = (row: TaskRow, inputJson: string, consumerId: string): Assignment => ({
  taskId: row.id,
  fence: row.fence,
  attempt: row.attempts,
  ownerId: row.ownerId,
  kind: row.kind,
  lane: row.lane,
  inputJson,
  timeoutMs: row.lease ? row.lease.deadlineMs - row.lease.claimedAtMs : 0,
  deadlineMs: row.lease?.deadlineMs ?? 0,
  traceparent: row.traceparent,
  consumerId,
});
