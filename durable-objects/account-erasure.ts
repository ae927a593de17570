import { advance, ERASURE_PLAN, putOff } from "#data/core/erasure";
import type { ClaimVerdict, ErasurePorts } from "#data/core/ports";
import { ErasureStorage } from "#data/storage";
import type { Erasure } from "#data/storage";
import { randomBase32 } from "#platform/ids";
import { describeError } from "#platform/log";
import { Account } from "./account";

/** Parts of steps in one alarm; the next one goes on. */
const MAX_PARTS = 200;
/** Should an alarm be cut short, the next one stands so far ahead. */
const SAFETY_MS = 60_000;

/**
 * The account of a person who can have all of it erased. What is to be done, and how far it has come, is stored before anything of it is done: a restart, a
 * deployment or a database that is away holds it up and never ends it.
 */
export class AccountObject extends Account {
  readonly #erasure = new ErasureStorage(this.ctx.storage);
  readonly #ports: ErasurePorts;
  /** What is being done at this moment: who comes meanwhile waits for it instead of doing it too. */
  #working: Promise<void> | null = null;

  constructor(ctx: DurableObjectState, env: Env, ports: ErasurePorts) {
    super(ctx, env);
    this.#ports = ports;
  }

  protected override readonly alsoDueAtMs = (): number => this.#erasure.read()?.dueAtMs ?? Infinity;

  /**
   * Begins to erase the person: answered when nobody can come in as them any more, or with why it is not begun. Throws where it is not known yet; then it goes on
   * by itself, and asking again joins it.
   */
  async erase(ownerId: string): Promise<ClaimVerdict> {
    const nowMs = this.clock();
    const known = this.#erasure.read();
    if (known === null) {
      const pseudonym = `erased_${randomBase32()}`;
      const start = { position: 0, cursor: 0, tries: 0, dueAtMs: nowMs + SAFETY_MS };
      this.#erasure.write({ ownerId, pseudonym, isClaimed: false, ...start });
    }
    await this.arm();
    const verdict = await this.#claim();
    // The gate is shut before anybody is told that it is; what is left comes by alarm.
    if (verdict === "claimed") await this.#work(1);
    await this.arm();
    return verdict;
  }

  override async alarm(): Promise<void> {
    await super.alarm();
    const erasure = this.#erasure.read();
    if (erasure !== null && erasure.dueAtMs <= this.clock()) {
      await this.ctx.storage.setAlarm(this.clock() + SAFETY_MS);
      await this.#work(MAX_PARTS);
    }
    await this.arm();
  }

  /** Has the record know of it. The person it is refused to stays as they are. */
  async #claim(): Promise<ClaimVerdict> {
    const erasure = this.#erasure.read();
    if (erasure === null) return "unknown";
    if (erasure.isClaimed) return "claimed";
    const verdict = await this.#ports.claim(erasure.ownerId);
    if (verdict === "claimed")
      this.#erasure.write({ ...erasure, isClaimed: true, dueAtMs: this.clock() });
    else this.#erasure.clear();
    return verdict;
  }

  /** Does what is due, part by part, each noted before the next. Lets no error out: a part that fails is done again. */
  async #work(parts: number): Promise<void> {
    this.#working ??= this.#workThrough(parts).finally(() => {
      this.#working = null;
    });
    await this.#working;
  }

  async #workThrough(parts: number): Promise<void> {
    for (let done = 0; done < parts; done += 1) if (!(await this.#workOn())) return;
  }

  /** One part; false where nothing more is to be done now. */
  async #workOn(): Promise<boolean> {
    const erasure = this.#erasure.read();
    if (erasure === null || erasure.dueAtMs > this.clock()) return false;
    try {
      if (!erasure.isClaimed) return (await this.#claim()) === "claimed";
      const step = ERASURE_PLAN[erasure.position]?.step ?? "finish";
      const cursor = await this.#ports.run(step, erasure);
      return this.#keep(erasure, cursor);
    } catch (error) {
      const step = ERASURE_PLAN[erasure.position]?.step ?? null;
      this.log.error("erasure.put_off", { step, tries: erasure.tries, ...describeError(error) });
      this.#erasure.write({ ...erasure, ...putOff(erasure, this.clock(), Math.random()) });
      return false;
    }
  }

  #keep(erasure: Erasure, cursor: number | null): boolean {
    const next = advance(erasure, cursor, this.clock());
    if (next !== null) {
      this.#erasure.write({ ...erasure, ...next });
      return true;
    }
    this.dropSessions();
    this.#erasure.clear();
    this.log.info("erasure.finished");
    return false;
  }
}
