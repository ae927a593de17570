import { createDurable } from "itty-durable";
import { CLOSED, permit, report } from "#egress/core/breaker";
import type { BreakerReport, BreakerState, Permit } from "#egress/core/breaker";

/**
 * What the base class keeps for its subclass and what this one calls; its own types say `any`.
 */
interface Persistable {
  persist: () => Promise<void>;
}

const Base = createDurable({ autoPersist: false }) as unknown as new (
  state: DurableObjectState,
  env: object,
) => Persistable;

/**
 * One circuit breaker per upstream host, for all isolates. Small, disposable, synchronous state: what
 * itty-durable carries well. Its ways to lose data do not apply: there is no alarm and no socket that would
 * wake it past its loader, no method awaits between read and write, and losing all of it costs five failed calls.
 *
 * Every public method can be called by name through the proxy, so there are only these two.
 */
export class Breaker extends Base {
  // Persisted as one value with every other own field but the base's `state`.
  breaker: BreakerState = CLOSED;

  constructor(state: DurableObjectState, _env: Env) {
    // The base wraps whatever binding answers to `idFromName`, and takes service bindings for objects: it gets none.
    super(state, {});
  }

  /** May a call go out? `token` names the caller, should it be chosen as the probe. */
  permit(token: string): Permit {
    const decided = permit(this.breaker, token, Date.now());
    this.#become(decided.state);
    return decided.permit;
  }

  /** Takes in what became of a permitted call. */
  report(token: string, outcome: BreakerReport): { readonly isOpen: boolean } {
    this.#become(report(this.breaker, token, outcome, Date.now()));
    return { isOpen: this.breaker.openUntilMs !== null };
  }

  /** Saved only when something changed: the calls of a healthy host write nothing. */
  #become(next: BreakerState): void {
    if (next === this.breaker) return;
    this.breaker = next;
    // The output gate holds the answer back until this write is safe, so nothing waits for it here.
    this.persist().catch(() => {});
  }
}
