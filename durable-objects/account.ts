import { DurableObject } from "cloudflare:workers";
import { openFamily } from "#auth/core/refresh-family";
import type { RotationRefusal } from "#auth/core/refresh-family";
import { refreshSecret } from "#auth/core/refresh-token";
import type { IssuedToken, ShownToken } from "#auth/core/refresh-token";
import { AccountStorage } from "#auth/storage";
import type { Device, SessionRecord } from "#auth/storage";
import { equalTexts, toHex } from "#platform/bytes";
import { systemClock } from "#platform/clock";
import { inOwnTrace } from "#platform/correlation";
import type { Clock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { importHmacKey } from "#platform/hmac";
import { createLogger, describeError } from "#platform/log";

export type RefreshVerdict =
  | { readonly refusal: "unknown" | RotationRefusal }
  | { readonly refusal: null; readonly token: IssuedToken };

export type SessionView = Omit<SessionRecord, "seed" | "family"> & { readonly expiresAtMs: number };

/** The gate is told again after so long, until it has heard. */
const RETRY_MS = 1_000;
const SEED_BYTES = 20;

/**
 * One person's logins: which sessions there are, from where, and which refresh token of each is good. A rotation is one
 * synchronous transaction, so of many that come at once with one token the first rotates and the others are answered
 * like it. Whether a session may be used at all is known to the person's gate, under the same name as this object.
 */
export class Account extends DurableObject<Env> {
  /** Own fields are out of reach over RPC: tests set the clock. */
  clock: Clock = systemClock;
  readonly #storage = new AccountStorage(this.ctx.storage);
  readonly #config = readConfig(this.env);
  protected readonly log = createLogger(this.#config.logLevel);
  #key: Promise<CryptoKey> | null = null;

  /** Begins a session, and answers with its first refresh token. */
  async open(
    session: Device & Pick<SessionRecord, "sessionId" | "method" | "clientId">,
  ): Promise<IssuedToken> {
    const nowMs = this.clock();
    const seed = toHex(crypto.getRandomValues(new Uint8Array(SEED_BYTES)));
    const secret = await this.#secret({ seed, sessionId: session.sessionId }, 0);
    const family = openFamily(nowMs);
    this.#storage.transact(() => {
      this.#storage.removeExpired(nowMs);
      this.#storage.add({ ...session, seed, family, createdAtMs: nowMs, lastUsedAtMs: nowMs });
    });
    await this.arm();
    const { sessionId, clientId } = session;
    return {
      sessionId,
      clientId,
      counter: 0,
      secret,
      issuedAtMs: nowMs,
      expiresAtMs: family.expiresAtMs,
    };
  }

  /** Rotates a refresh token. One that was used before and is not a replay ends its session, here and at the gate. */
  async refresh(shown: ShownToken, device: Device): Promise<RefreshVerdict> {
    const found = this.#storage.find(shown.sessionId);
    if (found === null) return { refusal: "unknown" };
    // A seed never changes, so what is made of it before the transaction holds within it.
    const expected = await this.#secret(found, shown.counter);
    if (!equalTexts(expected, shown.secret)) return { refusal: "unknown" };
    const secret = await this.#secret(found, shown.counter + 1);

    const verdict = this.#storage.rotate(shown, device, this.clock());
    if (verdict.refusal === "reused") await this.#tellGate();
    if (verdict.refusal !== null) return verdict;
    const { sessionId, clientId } = found;
    return { refusal: null, token: { ...verdict, sessionId, clientId, secret } };
  }

  /** The sessions that have not ended, the youngest first. */
  list(): SessionView[] {
    return this.#storage.list(this.clock()).map(({ seed: _seed, family, ...session }) => ({
      ...session,
      expiresAtMs: family.expiresAtMs,
    }));
  }

  /** Ends sessions. Safe to repeat; the gate, which calls this, has ended them already. */
  end(sessionIds: readonly string[]): void {
    this.#storage.transact(() => {
      this.#storage.remove(sessionIds);
    });
  }

  /** Tells the gate what it has not heard, and deletes what has expired. Lets no error out, and arms itself again first. */
  override alarm(): Promise<void> {
    return inOwnTrace(() => this.#wakeUp());
  }

  async #wakeUp(): Promise<void> {
    await this.ctx.storage.setAlarm(this.clock() + RETRY_MS);
    await this.#tellGate();
    this.#storage.removeExpired(this.clock());
    await this.arm();
  }

  async #tellGate(): Promise<void> {
    const closing = this.#storage.closing();
    if (closing.length === 0) return;
    try {
      await this.env.CLIENT_GATE.getByName(this.ctx.id.name ?? "").closeSessions({ only: closing });
      this.#storage.removeClosing(closing);
    } catch (error) {
      this.log.warn("account.gate_not_told", describeError(error));
      await this.arm();
    }
  }

  /** When there is something to do beside the sessions. */
  protected alsoDueAtMs: () => number = () => Infinity;

  /** Sets the alarm for the next thing to do, or none. */
  protected readonly arm = async (): Promise<void> => {
    const retryMs = this.#storage.closing().length > 0 ? this.clock() + RETRY_MS : Infinity;
    const expiryMs = this.#storage.nextExpiryMs() ?? Infinity;
    const nextMs = Math.min(retryMs, expiryMs, this.alsoDueAtMs());
    if (nextMs === Infinity) await this.ctx.storage.deleteAlarm();
    else await this.ctx.storage.setAlarm(nextMs);
  };

  /** Forgets every session, for a person whom no gate knows any more. */
  protected readonly dropSessions = (): void => {
    this.#storage.transact(() => this.#storage.removeAll());
  };

  async #secret(family: { seed: string; sessionId: string }, counter: number): Promise<string> {
    this.#key ??= importHmacKey(this.#config.secretKey);
    return refreshSecret(await this.#key, family, counter);
  }
}
