import { fullJitter, randomId } from "./backoff.ts";
import { Commands } from "./commands.ts";
import { reconnectAfter } from "./frames.ts";
import type {
  ChannelEvent,
  Comer,
  Connected,
  HistoryPage,
  Position,
  ErrorData,
  Frame,
  Goodbye,
} from "./frames.ts";
import type { PresenceChange, Reconnect, Subscribed } from "./frames.ts";
import type { Http } from "./http.ts";
import { NaruError } from "./naru-error.ts";
import { openLine } from "./line.ts";
import type { Line, LineEnd, LineOptions } from "./line.ts";
import { Subscription } from "./subscription.ts";
import type { SubscriptionOptions } from "./subscription.ts";

export type RealtimeState = "disconnected" | "connecting" | "connected";

export interface RealtimeOptions extends LineOptions {
  /** Each change of state; with the reason where the client has given up. */
  readonly onState?: (state: RealtimeState, error: NaruError | null) => void;
}

export interface HistoryOptions {
  readonly limit?: number;
  readonly since?: Position;
  readonly order?: "oldest_first" | "newest_first";
}

const PACE = { baseMs: 500, capMs: 20_000 };
/** A connection that stood so long was no failure. */
const STABLE_MS = 5_000;
/** A channel that was not answered by then is asked for again. */
const CHECK_MS = 15_000;
const MAX_CHANNELS = 64;
const MAX_TIMER_MS = 2_147_483_647;

/** One socket, many channels. Comes back by itself, and goes on in each channel where it was. */
export class Realtime {
  readonly #http: Http;
  readonly #options: RealtimeOptions;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #commands = new Commands();
  #state: RealtimeState = "disconnected";
  #line: Line | null = null;
  #attempt = 0;
  #connectId = "";
  /** Everything that an end of the connection makes void. */
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #renewing = false;

  constructor(http: Http, options: RealtimeOptions) {
    this.#http = http;
    this.#options = options;
  }

  get state(): RealtimeState {
    return this.#state;
  }

  /** Connects, and stays connected until {@link disconnect} or until the server says not to come back. */
  connect(): void {
    if (this.#state !== "disconnected") return;
    this.#attempt = 0;
    this.#open();
  }

  /** Ends the connection. Commands on their way are rejected; subscriptions stay, and are taken up by the next `connect`. */
  disconnect(): void {
    this.#stop(null);
  }

  /** Takes part in a channel, from now on and after every reconnect. */
  subscribe(channel: string, options: SubscriptionOptions = {}): Subscription {
    if (this.#subscriptions.has(channel)) throw new Error(`${channel} is subscribed to already.`);
    if (this.#subscriptions.size >= MAX_CHANNELS)
      throw new Error(`One socket takes part in at most ${MAX_CHANNELS} channels.`);
    const subscription = new Subscription(channel, options, (one) => this.#unsubscribe(one));
    this.#subscriptions.set(channel, subscription);
    if (this.#state === "connected") this.#enter(subscription);
    return subscription;
  }

  /**
   * Says something in a channel; resolves with its offset. Waits for a connection where there is none, and is sent again after a lost one: its
   * `messageId` keeps it from being said twice.
   */
  async publish(
    channel: string,
    event: string,
    payload: unknown,
    messageId = randomId(),
  ): Promise<{ readonly offset: number; readonly duplicate: boolean }> {
    const data = { channel, event, payload, message_id: messageId };
    const { offset, duplicate } = await this.#commands.ask("publish", data, true);
    return { offset: Number(offset), duplicate: duplicate === true };
  }

  /** Submits a task, and follows it: `onEvent` of the options gets `task.status`, `task.progress` and `task.result`. */
  async submitTask(
    kind: string,
    input: object,
    options: SubscriptionOptions & { readonly timeoutSeconds?: number } = {},
  ): Promise<{ readonly taskId: string; readonly subscription: Subscription }> {
    const timeout = options.timeoutSeconds;
    const data = { kind, input, idempotency_key: randomId(), ...(timeout && { timeout }) };
    const answer = await this.#commands.ask("task.submit", data, true);
    const taskId = String(answer["task_id"]);
    const channel = `task:${taskId}`;
    const subscription = this.#subscriptions.get(channel) ?? this.subscribe(channel, options);
    return { taskId, subscription };
  }

  /** Cancels a task; resolves with the status it has then. */
  async cancelTask(taskId: string): Promise<string> {
    const answer = await this.#commands.ask("task.cancel", { task_id: taskId });
    return String(answer["status"]);
  }

  /** Who is in a channel at this moment. */
  async presence(channel: string): Promise<{
    readonly members: readonly (Comer & { readonly since: string })[];
    readonly count: number;
  }> {
    return (await this.#commands.ask("presence", { channel })) as never;
  }

  /**
   * At most `limit` (50) events of what the channel keeps: those behind `since`, or the newest; with an order, on or back from `since` or from
   * that end of what is kept.
   */
  async history(channel: string, options: HistoryOptions = {}): Promise<HistoryPage> {
    return (await this.#commands.ask("history", { channel, ...options })) as never;
  }

  #setState(state: RealtimeState, error: NaruError | null = null): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onState?.(state, error);
  }

  #open(): void {
    this.#setState("connecting");
    const line: Line = openLine(this.#http, this.#options, {
      onOpen: () => this.#greet(line),
      onFrame: (frame) => {
        if (line === this.#line) this.#take(frame);
      },
      onEnd: (end) => {
        if (line === this.#line) this.#lost(end);
      },
    });
    this.#line = line;
  }

  /** One frame takes up every channel at its place. */
  #greet(line: Line): void {
    this.#connectId = `connect-${randomId()}`;
    this.#commands.open((text) => line.send(text));
    const subs = [...this.#subscriptions.values()].map((one) => one.asListed);
    this.#commands.tell("connect", this.#connectId, {
      client: { name: "naru-js", version: "1" },
      subs,
    });
  }

  #take(frame: Frame): void {
    const { type, data } = frame;
    const channel = this.#subscriptions.get(String(data["channel"]));
    // Without an id the server let it in by itself, as the follower of its task, and this client asks once more: for an answer that brings what was before.
    if (type === "subscribed" && frame.request_id !== null)
      channel?.entered(data as unknown as Subscribed);
    const isAnswer = this.#commands.settle(frame);
    if (type === "ping") this.#commands.pong();
    else if (type === "connected") this.#connected(data as unknown as Connected);
    else if (type === "batch")
      for (const item of data["items"] as ChannelEvent[]) this.#takeEvent(item);
    else if (type === "event" || (type.startsWith("task.") && "offset" in data))
      this.#takeEvent(data as unknown as ChannelEvent);
    else if (type === "presence" && !isAnswer)
      channel?.tellPresence(data as unknown as PresenceChange);
    else if (type === "unsubscribed" && !isAnswer && channel)
      this.#endSubscription(channel, new NaruError("REMOVED", "Taken out of the channel."));
    else if (type === "goodbye") this.#line?.farewell(data as unknown as Goodbye);
    else if (type === "error" && frame.request_id === this.#connectId)
      this.#refused(data as unknown as ErrorData);
  }

  #connected({ expires_at: expiresAt, heartbeat_s: heartbeatS, limits }: Connected): void {
    this.#commands.pace = { perSecond: limits.frames_per_second, burst: limits.burst };
    this.#line?.beat(heartbeatS * 1000);
    this.#after(STABLE_MS, () => {
      this.#attempt = 0;
    });
    this.#after(CHECK_MS, () => {
      for (const one of this.#subscriptions.values()) if (!one.isIn) this.#enter(one);
    });
    this.#renewBefore(expiresAt);
    this.#setState("connected");
    this.#commands.begin();
  }

  #takeEvent(event: ChannelEvent): void {
    const subscription = this.#subscriptions.get(event.channel);
    if (!subscription || subscription.take(event)) return;
    // Something before it is missing: the answer brings both.
    subscription.isCatchingUp = true;
    this.#enter(subscription);
  }

  /** Asks for one channel on an open socket. */
  #enter(subscription: Subscription): void {
    this.#commands.ask("subscribe", subscription.asFrame).catch((error: unknown) => {
      const isGone = this.#subscriptions.get(subscription.channel) !== subscription;
      // The next socket asks for every channel by itself.
      if (isGone || this.#state !== "connected" || !(error instanceof NaruError)) return;
      if (error.code === "DISCONNECTED") return;
      if (error.code !== "TIMEOUT" && error.retryAfterMs === null)
        this.#endSubscription(subscription, error);
      else this.#after(error.retryAfterMs ?? 1_000, () => this.#enter(subscription));
    });
  }

  /** A channel of the `connect` frame, or the frame itself, was refused. */
  #refused({ code, message, temporary, channel, retry_after_ms: waitMs }: ErrorData): void {
    const error = new NaruError(code, message, { retryAfterMs: waitMs });
    const subscription = channel === undefined ? undefined : this.#subscriptions.get(channel);
    if (subscription && temporary) this.#after(waitMs ?? 1_000, () => this.#enter(subscription));
    else if (subscription) this.#endSubscription(subscription, error);
    else if (this.#state === "connecting" && !temporary) this.#stop(error);
  }

  #unsubscribe(subscription: Subscription): void {
    const { channel } = subscription;
    if (this.#subscriptions.get(channel) !== subscription) return;
    this.#subscriptions.delete(channel);
    // What fails to be told ends with the socket.
    if (this.#state === "connected")
      this.#commands.ask("unsubscribe", { channel }).catch(() => undefined);
  }

  #endSubscription(subscription: Subscription, error: NaruError): void {
    this.#subscriptions.delete(subscription.channel);
    subscription.end(error);
  }

  /** Shows the server a new token before the old one ends, so that the socket stays. */
  #renewBefore(expiresAt: string | null): void {
    if (expiresAt === null || !this.#http.hasToken) return;
    const leftMs = Date.parse(expiresAt) - Date.now();
    this.#after(Math.min(MAX_TIMER_MS, Math.max(1_000, leftMs * 0.8)), () => {
      void this.#renew();
    });
  }

  async #renew(): Promise<void> {
    if (this.#renewing) return;
    this.#renewing = true;
    try {
      const token = await this.#http.renewedToken();
      const answer = await this.#commands.ask("refresh", { token });
      this.#renewBefore(String(answer["expires_at"]));
    } catch {
      // The server closes the socket when its token ends; the next one comes with another token.
    } finally {
      this.#renewing = false;
    }
  }

  #lost({ code, goodbye, error }: LineEnd): void {
    const verdict: Reconnect =
      goodbye?.reconnect ?? (error ? verdictOf(error) : reconnectAfter(code));
    if (verdict === "no") {
      this.#stop(error ?? new NaruError(`CLOSE_${code}`, "The server ended the connection."));
      return;
    }
    this.#forget(false);
    const floorMs = Math.max(goodbye?.delay_ms ?? 0, error?.retryAfterMs ?? 0);
    // Also after «at once»: whoever was cut off together is not to come back together.
    const waitMs = floorMs + fullJitter(this.#attempt, PACE, this.#http.random);
    this.#attempt += 1;
    this.#setState("connecting");
    this.#after(waitMs, () => this.#open());
  }

  #stop(error: NaruError | null): void {
    const line = this.#line;
    this.#forget(true);
    line?.close();
    this.#setState("disconnected", error);
  }

  #forget(isEnd: boolean): void {
    this.#line = null;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const one of this.#subscriptions.values()) {
      one.isIn = false;
      one.isCatchingUp = false;
    }
    this.#commands.close(isEnd);
  }

  #after(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    this.#timers.add(timer);
  }
}

/** A ticket that was refused for what the caller is will be refused again. */
function verdictOf({ status }: NaruError): Reconnect {
  const isOurs = status !== null && status >= 400 && status < 500;
  return isOurs && status !== 408 && status !== 429 ? "no" : "backoff";
}
