/**
 * What is open at once. A slot has an expiry because its holder can die without a word; a live holder renews it.
 * Renewals stay in memory: storage knows that a slot is held and for how long a renewal lasts, and after a restart
 * every stored slot gets one such time again, in which its holder either shows itself or is gone.
 */
export interface SlotRequest {
  /** Chosen by the holder, unique to it: acquiring the same id again is the same slot. */
  readonly id: string;
  readonly ttlMs: number;
}

export interface StoredSlot extends SlotRequest {
  /** The rules under which the slot counts. */
  readonly keys: readonly string[];
}

interface Slot extends StoredSlot {
  expiresMs: number;
}

export class Slots {
  readonly #slots = new Map<string, Slot>();

  static restore(stored: readonly StoredSlot[], nowMs: number): Slots {
    const slots = new Slots();
    for (const slot of stored)
      slots.#slots.set(slot.id, { ...slot, expiresMs: nowMs + slot.ttlMs });
    return slots;
  }

  #forgetExpired(nowMs: number): void {
    for (const slot of this.#slots.values())
      if (slot.expiresMs <= nowMs) this.#slots.delete(slot.id);
  }

  /** Slots open under a rule, the one named `except` aside. */
  open(key: string, nowMs: number, except?: string): number {
    this.#forgetExpired(nowMs);
    let count = 0;
    for (const slot of this.#slots.values())
      if (slot.id !== except && slot.keys.includes(key)) count++;
    return count;
  }

  /** Milliseconds until the first slot under a rule could end on its own. */
  waitMs(key: string, nowMs: number): number {
    let soonest = Infinity;
    for (const slot of this.#slots.values())
      if (slot.keys.includes(key)) soonest = Math.min(soonest, slot.expiresMs - nowMs);
    return soonest === Infinity ? 0 : soonest;
  }

  /** Takes a slot that the caller found to be free under each of `keys`. */
  acquire(request: SlotRequest, keys: readonly string[], nowMs: number): void {
    this.#slots.set(request.id, {
      id: request.id,
      ttlMs: request.ttlMs,
      keys,
      expiresMs: nowMs + request.ttlMs,
    });
  }

  /** Puts off a slot's expiry; false where it is not held, because it expired or never was. */
  renew(id: string, nowMs: number): boolean {
    this.#forgetExpired(nowMs);
    const slot = this.#slots.get(id);
    if (slot === undefined) return false;
    slot.expiresMs = nowMs + slot.ttlMs;
    return true;
  }

  release(id: string): boolean {
    return this.#slots.delete(id);
  }

  /** When the last slot expires, null where none is held. */
  emptyAtMs(): number | null {
    let last = -Infinity;
    for (const slot of this.#slots.values()) last = Math.max(last, slot.expiresMs);
    return last === -Infinity ? null : last;
  }

  toStored(): StoredSlot[] {
    return Array.from(this.#slots.values(), ({ id, ttlMs, keys }) => ({ id, ttlMs, keys }));
  }
}
