import type { ChannelEvent, Position, PresenceChange, Subscribed } from "./frames.ts";
import type { NaruError } from "./naru-error.ts";

export interface SubscriptionOptions {
  /** Each event once, in the channel's order. */
  readonly onEvent?: (event: ChannelEvent) => void;
  /**
   * At each coming in, before the events that were missed. `was_recovering` without `recovered` says that some of them are no longer kept: what was built
   * from events has to be read anew.
   */
  readonly onSubscribed?: (state: Omit<Subscribed, "events">) => void;
  /** Asks for presence, and tells who came and went. */
  readonly onPresence?: (change: PresenceChange) => void;
  /** The subscription has ended for good: it was refused, or somebody took this one out. */
  readonly onEnd?: (error: NaruError) => void;
  /** Go on behind this place, such as one that an earlier run kept. */
  readonly since?: Position;
  /** `latest` begins with the newest event, whatever was missed. */
  readonly mode?: "stream" | "latest";
}

/** What one subscription knows: its place, and what of all that comes is new. Without a socket of its own. */
export class Subscription {
  readonly channel: string;
  readonly ready: Promise<void>;
  readonly #options: SubscriptionOptions;
  readonly #leave: (subscription: Subscription) => void;
  readonly #settled = promiseParts();
  #position: Position | null;
  /** Asked for anew since something was missing: live events wait for the answer, which brings what lies before them. */
  isCatchingUp = false;
  /** The server has let it in on this socket. */
  isIn = false;

  constructor(
    channel: string,
    options: SubscriptionOptions,
    leave: (subscription: Subscription) => void,
  ) {
    this.channel = channel;
    this.#options = options;
    this.#position = options.since ?? null;
    this.#leave = leave;
    this.ready = this.#settled.promise;
    // Who does not ask whether it came in learns it by `onEnd`.
    this.ready.catch(() => undefined);
  }

  /** Behind this place nothing was seen yet; to be kept by whoever wants to go on in a later run. */
  get position(): Position | null {
    return this.#position;
  }

  /** Leaves the channel. */
  unsubscribe(): void {
    this.#leave(this);
  }

  /** As it stands in a `connect` frame, which has epoch and offset side by side. */
  get asListed(): object {
    return { channel: this.channel, ...this.#position, ...this.#wishes };
  }

  /** As it stands in a frame of its own. */
  get asFrame(): object {
    const recover = this.#position && { recover: this.#position };
    return { channel: this.channel, ...recover, ...this.#wishes };
  }

  get #wishes(): object {
    const { mode, onPresence } = this.#options;
    return { ...(mode && { mode }), ...(onPresence && { presence: true }) };
  }

  /** The server let it in. */
  entered({ events, ...state }: Subscribed): void {
    const { epoch, offset } = state;
    this.isIn = true;
    this.isCatchingUp = false;
    // An epoch never stands beside an offset of another; nor is a log that ends before this place the one that it is of.
    const known = this.#position?.epoch === epoch ? this.#position.offset : -1;
    const from = known <= offset ? known : -1;
    this.#options.onSubscribed?.(state);
    for (const event of events)
      if (event.offset > from) {
        this.#position = { epoch, offset: event.offset };
        this.#options.onEvent?.(event);
      }
    this.#position = { epoch, offset: Math.max(offset, from) };
    this.#settled.resolve();
  }

  /** Takes a live event. False where one before it is missing: then it is not handed on. */
  take(event: ChannelEvent): boolean {
    const last = this.#position;
    // Before the answer nothing is told: what comes early stands in it or follows it.
    if (!this.isIn || this.isCatchingUp || last === null || event.offset <= last.offset)
      return true;
    if (event.offset > last.offset + 1) return false;
    this.#position = { epoch: last.epoch, offset: event.offset };
    this.#options.onEvent?.(event);
    return true;
  }

  tellPresence(change: PresenceChange): void {
    this.#options.onPresence?.(change);
  }

  end(error: NaruError): void {
    this.#settled.reject(error);
    this.#options.onEnd?.(error);
  }
}

interface Parts {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function promiseParts(): Parts {
  let parts: Omit<Parts, "promise"> | undefined;
  const promise = new Promise<void>((resolve, reject) => {
    parts = { resolve, reject };
  });
  if (parts === undefined) throw new Error("A promise runs its executor at once.");
  return { promise, ...parts };
}
