/** What a gateway says of a delivery. */
export interface Receipt {
  /** Sockets that it is for, those that are just coming in among them. */
  readonly sockets: number;
  /** The first event that this gateway lacks, where it knows that one is missing; null where none is. */
  readonly missingFrom: number | null;
}

export interface Delivered {
  readonly offset: number;
  readonly dataJson: string;
}

export interface FanoutPorts {
  /** Hands events to a gateway, oldest first; `head` is the newest there is, also where no event is handed over. */
  readonly deliver: (
    gateway: string,
    events: readonly Delivered[],
    head: number,
  ) => Promise<Receipt>;
  /** Kept events behind an offset, oldest first. */
  readonly read: (offset: number, limit: number) => readonly Delivered[];
  readonly head: () => number;
  /** Nobody at this gateway listens any more. */
  readonly drop: (gateway: string) => void;
  /** A delivery failed: `resume` is to be called a little later. */
  readonly failed: (gateway: string, error: unknown) => void;
}

interface Lane {
  readonly gateway: string;
  /** The newest event that it has. */
  sent: number;
  isBusy: boolean;
  /** Deliveries in a row that reached nobody. */
  empty: number;
  /** It may lack something that an earlier life of this object owed it. */
  isUnsure: boolean;
}

const MAX_EVENTS_PER_CALL = 100;
/** Recent events stay in memory, since nearly every delivery is of the newest. */
const MAX_RECENT = 128;
/** One empty delivery may meet a socket that is just leaving while another comes in. */
const EMPTY_BEFORE_DROP = 2;

/**
 * Brings a channel's events to its gateways, each in order and none twice. While a delivery is under way further events wait and go together
 * with the next one, so a busy channel batches by itself. What failed is sent again from where it failed.
 */
export class Fanout {
  readonly #ports: FanoutPorts;
  readonly #lanes = new Map<string, Lane>();
  #recent: Delivered[] = [];

  constructor(ports: FanoutPorts) {
    this.#ports = ports;
  }

  get gateways(): string[] {
    return [...this.#lanes.keys()];
  }

  /** Takes up a gateway that an earlier life of this object served. */
  restore(gateway: string): void {
    this.#lanes.set(gateway, {
      gateway,
      sent: this.#ports.head(),
      isBusy: false,
      empty: 0,
      isUnsure: true,
    });
  }

  /** From now on this gateway gets what comes; true where it is new. */
  add(gateway: string): boolean {
    const known = this.#lanes.get(gateway);
    if (known) {
      known.empty = 0;
      return false;
    }
    this.restore(gateway);
    const lane = this.#lanes.get(gateway);
    if (lane) lane.isUnsure = false;
    return true;
  }

  remove(gateway: string): void {
    this.#lanes.delete(gateway);
  }

  /** Tells the gateways of a new event. Resolves when each has it or has failed. */
  async publish(event: Delivered): Promise<void> {
    this.#recent.push(event);
    if (this.#recent.length > 2 * MAX_RECENT) this.#recent = this.#recent.slice(-MAX_RECENT);
    await this.resume();
  }

  /** Sends every gateway what it lacks, and asks those that may lack something. */
  async resume(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => this.#pump(lane)));
  }

  /** Whether a gateway is behind, so that somebody has to come back to it. */
  get isBehind(): boolean {
    const head = this.#ports.head();
    return [...this.#lanes.values()].some((lane) => lane.isUnsure || lane.sent < head);
  }

  async #pump(lane: Lane): Promise<void> {
    if (lane.isBusy) return;
    lane.isBusy = true;
    try {
      while (this.#lanes.get(lane.gateway) === lane) {
        const head = this.#ports.head();
        if (lane.sent >= head && !lane.isUnsure) return;
        const events = this.#behind(lane.sent);
        const last = events.at(-1)?.offset ?? head;
        const { sockets, missingFrom } = await this.#ports.deliver(lane.gateway, events, head);
        lane.isUnsure = false;
        // A gateway names only what it lacks before what it was handed, and never the same twice.
        const isGap = missingFrom !== null && missingFrom <= lane.sent;
        lane.sent = isGap ? missingFrom - 1 : Math.max(lane.sent, last);
        lane.empty = sockets > 0 ? 0 : lane.empty + 1;
        if (lane.empty < EMPTY_BEFORE_DROP) continue;
        this.#lanes.delete(lane.gateway);
        this.#ports.drop(lane.gateway);
      }
    } catch (error) {
      this.#ports.failed(lane.gateway, error);
    } finally {
      lane.isBusy = false;
    }
  }

  #behind(offset: number): readonly Delivered[] {
    const [oldest] = this.#recent;
    if (oldest && oldest.offset <= offset + 1)
      return this.#recent.filter((event) => event.offset > offset).slice(0, MAX_EVENTS_PER_CALL);
    return this.#ports.read(offset, MAX_EVENTS_PER_CALL);
  }
}
