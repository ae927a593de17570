/**
 * What this isolate knows of upstreams. A request asks its memory alone: the pool of an upstream is asked beside requests,
 * and before one only where nothing is known or what is known is older than 5 s. Where the pool or the database cannot be
 * asked, what is known goes on serving.
 */
import type { TimerPort } from "#egress/service";
import type { Clock } from "#platform/clock";
import { ApiError } from "#platform/errors";
import type { CallOutcome } from "./core/health";
import type { Header, Upstream } from "./core/upstream";
import { lookDue, retryAfterSeconds, wantsProbe } from "./core/view";
import type { KeptView, TargetStanding, UpstreamView } from "./core/view";

/** What a pool answers, with its secrets opened. */
export interface Look {
  /** Null where there is none, or it is switched off. */
  readonly upstream: Upstream | null;
  /** Null where one does not open: a call without it would be another call. */
  readonly secretHeaders: readonly Header[] | null;
  readonly standings: readonly TargetStanding[];
  readonly probe: string | null;
}

export interface ViewPorts {
  readonly clock: Clock;
  readonly timer: TimerPort;
  /** Asks the pool; throws where it cannot be asked. `wantsProbe`: a target that waits for one may be given to this isolate. */
  readonly look: (name: string, wantsProbe: boolean) => Promise<Look>;
  readonly tell: (
    name: string,
    url: string,
    outcome: CallOutcome,
    count: number,
  ) => Promise<readonly TargetStanding[]>;
}

type WaitUntil = (work: Promise<unknown>) => void;
type Kept = KeptView & Pick<Look, "upstream" | "secretHeaders">;

/** Names come from requests: a caller who makes them up fills no more than this. */
const MAX_KEPT = 1_000;
/** A request that has something to go by waits no longer than this for something newer. */
const MAX_WAIT_MS = 1_000;

export class UpstreamViews {
  readonly #ports: ViewPorts;
  readonly #kept = new Map<string, Kept>();
  readonly #looks = new Map<string, Promise<void>>();
  /** Failures that are not told yet, by target: a storm of them is a few calls to the pool. */
  readonly #untold = new Map<string, number>();
  #forgotten = 0;

  constructor(ports: ViewPorts) {
    this.#ports = ports;
  }

  /**
   * The upstream of that name, for one call through it; null where there is none or it is switched off. Refuses with
   * DEPENDENCY_UNAVAILABLE where nothing is known and nothing can be asked, and with MISCONFIGURED where a secret header
   * does not open.
   */
  async get(name: string, waitUntil: WaitUntil): Promise<UpstreamView | null> {
    const known = this.#kept.get(name);
    const due = known === undefined ? "before" : lookDue(known, this.#ports.clock());
    if (due === "beside") waitUntil(this.#look(name).catch(() => {}));
    else if (due === "before") await this.#lookBefore(name, known);
    const kept = this.#kept.get(name);
    return kept === undefined ? null : this.#give(name, kept);
  }

  /** Takes in what a call showed of a target; the pool is told beside the request. A success is told only where it matters. */
  report(name: string, url: string, outcome: CallOutcome, waitUntil: WaitUntil): void {
    const standing = this.#kept.get(name)?.standings.find((target) => target.url === url);
    if (outcome === "success") {
      if (standing?.isSuspect !== true) return;
      this.#note(name, url, { isSuspect: false });
      waitUntil(this.#tell(name, url, outcome, 1));
      return;
    }
    this.#note(name, url, { isSuspect: true });
    const key = `${name} ${url}`;
    const untold = this.#untold.get(key);
    this.#untold.set(key, (untold ?? 0) + 1);
    if (untold === undefined) waitUntil(this.#tellFailures(key, name, url));
  }

  /** Looks anew at the next call, for the isolate that has just changed the upstream. A look that is under way may have been too early. */
  forget(name: string): void {
    this.#forgotten += 1;
    this.#looks.delete(name);
    this.#kept.delete(name);
  }

  #give(name: string, kept: Kept): UpstreamView | null {
    const { upstream, secretHeaders, standings } = kept;
    if (upstream === null) return null;
    if (secretHeaders === null)
      throw new ApiError("MISCONFIGURED", {
        params: { settings: "ENCRYPTION_KEYS" },
        internal: `a secret header of upstream ${upstream.id} does not open`,
      });
    const isWell = (url: string): boolean =>
      standings.find((target) => target.url === url)?.isHealthy ?? true;
    const { probe } = kept;
    // To one call alone.
    if (probe !== null) this.#kept.set(name, { ...kept, probe: null });
    return {
      upstream,
      secretHeaders,
      targets: upstream.targets.filter(({ url }) => isWell(url)),
      probe: upstream.targets.find(({ url }) => url === probe) ?? null,
      retryAfterSeconds: retryAfterSeconds(kept, upstream, this.#ports.clock()),
    };
  }

  async #lookBefore(name: string, known: Kept | undefined): Promise<void> {
    const look = this.#look(name);
    if (known === undefined) {
      await look.catch((cause: unknown) => {
        throw new ApiError("DEPENDENCY_UNAVAILABLE", {
          cause,
          internal: `upstream ${name}`,
          headers: { "Retry-After": "1" },
        });
      });
      return;
    }
    const { promise: late, resolve } = Promise.withResolvers<boolean>();
    const cancel = this.#ports.timer(MAX_WAIT_MS, () => resolve(true));
    const isLate = await Promise.race([
      late,
      look.then(
        () => false,
        () => false,
      ),
    ]);
    cancel();
    // Another request does not wait for the same answer at once.
    if (isLate) this.#fail(name);
  }

  /** One look at a time for each name. */
  #look(name: string): Promise<void> {
    const running = this.#looks.get(name);
    if (running !== undefined) return running;
    const look = this.#lookNow(name).finally(() => {
      if (this.#looks.get(name) === look) this.#looks.delete(name);
    });
    this.#looks.set(name, look);
    return look;
  }

  async #lookNow(name: string): Promise<void> {
    const startedAtMs = this.#ports.clock();
    const forgotten = this.#forgotten;
    const known = this.#kept.get(name);
    const mayProbe = known !== undefined && wantsProbe(known, startedAtMs);
    try {
      const look = await this.#ports.look(name, mayProbe || known === undefined);
      if (!this.#kept.has(name) && this.#kept.size >= MAX_KEPT)
        this.#kept.delete(this.#kept.keys().next().value ?? "");
      // A probe that nobody took yet is still this isolate's.
      const probe = look.probe ?? this.#kept.get(name)?.probe ?? null;
      const askedAtMs = forgotten === this.#forgotten ? startedAtMs : Number.NEGATIVE_INFINITY;
      this.#kept.set(name, { ...look, probe, askedAtMs, failedAtMs: null });
    } catch (error) {
      this.#fail(name);
      throw error;
    }
  }

  #fail(name: string): void {
    const kept = this.#kept.get(name);
    if (kept !== undefined) this.#kept.set(name, { ...kept, failedAtMs: this.#ports.clock() });
  }

  #note(name: string, url: string, change: Partial<TargetStanding>): void {
    const kept = this.#kept.get(name);
    if (kept === undefined) return;
    const standings = kept.standings.map((target) =>
      target.url === url ? { ...target, ...change } : target,
    );
    this.#kept.set(name, { ...kept, standings });
  }

  async #tellFailures(key: string, name: string, url: string): Promise<void> {
    for (let count = this.#untold.get(key) ?? 0; count > 0; count = this.#untold.get(key) ?? 0) {
      this.#untold.set(key, 0);
      await this.#tell(name, url, "failure", count);
    }
    this.#untold.delete(key);
  }

  /** What a pool is not told it learns from the next call. */
  async #tell(name: string, url: string, outcome: CallOutcome, count: number): Promise<void> {
    const standings = await this.#ports.tell(name, url, outcome, count).catch(() => null);
    const kept = this.#kept.get(name);
    if (standings !== null && kept !== undefined) this.#kept.set(name, { ...kept, standings });
  }
}
