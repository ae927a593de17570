import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Ledger } from "#limits/core/ledger";
import type { Denial, StoredLedger } from "#limits/core/ledger";
import type { WindowRule } from "#limits/core/policy";

const rule = (name: string, limit: number, windowMs: number): WindowRule => ({
  kind: "window",
  name,
  key: name,
  limit,
  windowMs,
});
/** Small enough to fill, one of them large enough to share times between admissions. */
const RULES = [rule("few", 5, 1000), rule("some", 60, 2000), rule("many", 300, 5120)];
const SUBSETS = [[0], [1], [2], [2], [0, 1], [1, 2], [0, 1, 2]].map((subset) =>
  subset.flatMap((i) => RULES[i] ?? []),
);

type Step =
  | { readonly kind: "arrive"; readonly rules: readonly WindowRule[]; readonly count: number }
  | { readonly kind: "clock"; readonly deltaMs: number }
  | { readonly kind: "confirm" | "settle" | "evict" }
  /** Whether what was written and not yet confirmed survives. */
  | { readonly kind: "crash"; readonly keepsUnconfirmed: boolean };

const arrive: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant("arrive" as const),
  rules: fc.constantFrom(...SUBSETS),
  // A few, or as many as any quota has: what lets one too many through shows only at a full one.
  count: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constantFrom(50, 150, 301)),
});
const forward: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant("clock" as const),
  deltaMs: fc.oneof(
    fc.nat(20),
    fc.nat(6000),
    // About a window: what leaves too early shows at its edge.
    fc.tuple(fc.constantFrom(...RULES), fc.nat(25)).map(([{ windowMs }, ms]) => windowMs - ms),
  ),
});
const jump: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant("clock" as const),
  deltaMs: fc.integer({ min: -20_000, max: 20_000 }),
});
const quiet: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("confirm" as const, "settle" as const, "evict" as const),
});
const crash: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant("crash" as const),
  keepsUnconfirmed: fc.boolean(),
});

/**
 * An object around a ledger, with what the runtime promises of its storage: a write is safe once confirmed, and
 * until then no answer leaves the object. `sinceMs` is the time that passed as far as the machine's clock tells: the
 * sum of its steps forward.
 */
class World {
  #machineMs = 1_000_000;
  #passedMs = 0;
  #safe: StoredLedger | null = null;
  #unconfirmed: StoredLedger | null = null;
  #ledger: Ledger | null = null;
  /** Admissions whose answers wait for a write to be confirmed. */
  #waiting: (readonly [string, number])[] = [];
  readonly #admitted = new Map<string, number[]>(RULES.map(({ name }) => [name, []]));

  get ledger(): Ledger {
    this.#ledger ??= new Ledger(this.#safe, this.#machineMs);
    return this.#ledger;
  }

  get machineMs(): number {
    return this.#machineMs;
  }

  step(step: Step): void {
    switch (step.kind) {
      case "arrive":
        for (let i = 0; i < step.count; i++) this.arrive(step.rules);
        break;
      case "clock":
        this.#machineMs += step.deltaMs;
        this.#passedMs += Math.max(0, step.deltaMs);
        break;
      case "confirm":
        this.#confirm();
        break;
      case "settle":
        this.#settle();
        break;
      case "evict":
        // The runtime evicts an object that was quiet, and its timer comes before that.
        this.#settle();
        this.#confirm();
        this.#ledger = null;
        break;
      case "crash":
        if (step.keepsUnconfirmed) this.#confirm();
        this.#unconfirmed = null;
        this.#waiting = [];
        this.#ledger = null;
        break;
    }
  }

  arrive(rules: readonly WindowRule[]): boolean {
    const decision = this.ledger.admit(rules, this.#machineMs);
    if (decision.mustStore) this.#unconfirmed = structuredClone(this.ledger.toStored());
    if (!decision.admitted) return false;
    for (const { name } of rules) {
      if (this.#unconfirmed === null) this.#admitted.get(name)?.push(this.#passedMs);
      else this.#waiting.push([name, this.#passedMs]);
    }
    return true;
  }

  /** The most that any window of a rule held. */
  mostIn({ name, windowMs }: WindowRule): number {
    const times = this.#admitted.get(name) ?? [];
    let first = 0;
    let most = 0;
    for (const [last, atMs] of times.entries()) {
      while ((times[first] ?? atMs) <= atMs - windowMs) first++;
      most = Math.max(most, last - first + 1);
    }
    return most;
  }

  #settle(): void {
    if (this.ledger.isSettled) return;
    this.ledger.settle(this.#machineMs);
    this.#unconfirmed = structuredClone(this.ledger.toStored());
  }

  #confirm(): void {
    this.#safe = this.#unconfirmed ?? this.#safe;
    this.#unconfirmed = null;
    for (const [name, atMs] of this.#waiting) this.#admitted.get(name)?.push(atMs);
    this.#waiting = [];
    for (const times of this.#admitted.values()) times.sort((a, b) => a - b);
  }
}

test("never more than the limit in any window, whatever arrives, is evicted, crashes, or sets the clock", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          { weight: 6, arbitrary: arrive },
          { weight: 4, arbitrary: forward },
          { weight: 1, arbitrary: jump },
          { weight: 3, arbitrary: quiet },
          { weight: 2, arbitrary: crash },
        ),
        { maxLength: 80, size: "max" },
      ),
      (steps) => {
        const world = new World();
        for (const step of steps) world.step(step);
        world.step({ kind: "confirm" });
        for (const checked of RULES)
          expect(world.mostIn(checked), checked.name).toBeLessThanOrEqual(checked.limit);
      },
    ),
    { numRuns: 1500 },
  );
});

/** The definition, with every admission kept for ever: what the ledger must equal as long as nothing crashes. */
class Reference {
  readonly #admitted: { readonly name: string; readonly atMs: number }[] = [];

  admit(rules: readonly WindowRule[], nowMs: number): boolean {
    const isFree = rules.every(
      ({ name, limit, windowMs }) =>
        this.#admitted.filter((one) => one.name === name && one.atMs > nowMs - windowMs).length <
        limit,
    );
    if (isFree) for (const { name } of rules) this.#admitted.push({ name, atMs: nowMs });
    return isFree;
  }
}

test("without a crash exactly the limit is admitted when more ask, evictions or not", () => {
  // Up to 256 a window every admission keeps its own time, so the ledger is the definition itself.
  const exact = SUBSETS.filter((rules) => rules.every(({ limit }) => limit <= 256));
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          {
            weight: 5,
            arbitrary: fc.tuple(fc.constantFrom(...exact), fc.constantFrom(1, 3, 61)),
          },
          { weight: 4, arbitrary: forward },
          { weight: 2, arbitrary: quiet },
        ),
        { maxLength: 60, size: "max" },
      ),
      (steps) => {
        const world = new World();
        const reference = new Reference();
        for (const step of steps) {
          if (!Array.isArray(step)) {
            world.step(step);
            continue;
          }
          const [rules, count] = step;
          for (let i = 0; i < count; i++)
            expect(world.arrive(rules)).toBe(reference.admit(rules, world.machineMs));
        }
      },
    ),
    { numRuns: 300 },
  );
});

test("a denial tells the exact wait: a millisecond earlier is refused, then the next one passes", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 5, arbitrary: arrive }, { weight: 4, arbitrary: forward }), {
        minLength: 1,
        maxLength: 60,
        size: "max",
      }),
      fc.constantFrom(...SUBSETS),
      (steps, rules) => {
        const world = new World();
        for (const step of steps) world.step(step);
        const nowMs = world.machineMs;
        let denials: readonly Denial[] = [];
        while (denials.length === 0) denials = world.ledger.admit(rules, nowMs).denials;
        const waitMs = Math.max(...denials.map((denial) => denial.waitMs));
        expect(waitMs).toBeGreaterThan(0);
        for (const denial of denials)
          expect(denial.waitMs).toBeLessThanOrEqual(
            rules.find(({ name }) => name === denial.name)?.windowMs ?? 0,
          );
        world.ledger.settle(nowMs);
        const at = (laterMs: number): boolean =>
          new Ledger(structuredClone(world.ledger.toStored()), nowMs).admit(rules, nowMs + laterMs)
            .admitted;
        expect(at(waitMs - 1)).toBe(false);
        expect(at(waitMs)).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

test("a crash costs a client at most one block of each quota", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 300 }), fc.constantFrom(...RULES), (asked, checked) => {
      const world = new World();
      let admitted = 0;
      for (let i = 0; i < asked; i++) if (world.arrive([checked])) admitted++;
      world.step({ kind: "confirm" });
      world.step({ kind: "crash", keepsUnconfirmed: true });
      const left = world.ledger.peek([checked], world.machineMs)[0]?.remaining ?? 0;
      const block = Math.ceil(checked.limit / 20);
      expect(left).toBeLessThanOrEqual(checked.limit - admitted);
      expect(left).toBeGreaterThan(checked.limit - admitted - block);
    }),
    { numRuns: 200 },
  );
});
