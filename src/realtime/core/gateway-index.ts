import type { Delivered } from "./fanout";

/** How one socket takes part in a channel. */
export interface Membership {
  readonly wantsPresence: boolean;
  /** Where it came in: it has what stands there and before. */
  readonly from: number;
}

/** A socket that is just coming in: what arrives before its answer is kept for it. */
interface Arrival {
  readonly arrived: Delivered[];
}

interface Room<S> {
  readonly sockets: Map<S, Membership>;
  readonly arrivals: Set<Arrival>;
  /** The newest event that this gateway has handed out, or that its first socket came in at; null where it can't know. */
  last: number | null;
}

/** Which sockets of a gateway take part in which channel. It lives in memory and is made anew from what the sockets remember. */
export class GatewayIndex<S> {
  readonly #rooms = new Map<string, Room<S>>();

  /** A socket takes part, as it said in an earlier life of the object. */
  restore(channel: string, socket: S, membership: Membership): void {
    this.#room(channel).sockets.set(socket, membership);
  }

  /** A socket is about to come in: from here on nothing that arrives passes it by. */
  expect(channel: string): Arrival {
    const arrival: Arrival = { arrived: [] };
    this.#room(channel).arrivals.add(arrival);
    return arrival;
  }

  /** It is in, at `membership.from`. Gives what arrived for it meanwhile, behind that offset. */
  admit(
    channel: string,
    arrival: Arrival,
    socket: S,
    membership: Membership,
  ): readonly Delivered[] {
    const room = this.#room(channel);
    room.arrivals.delete(arrival);
    // Where others are, what lies before this one's place may still be on its way to them.
    if (room.sockets.size === 0) room.last = Math.max(room.last ?? 0, membership.from);
    const late = arrival.arrived.filter((event) => event.offset > membership.from);
    // One that was in already is among those whom a delivery under way has yet to write to: it gets these with its answer.
    const from = late.at(-1)?.offset ?? membership.from;
    room.sockets.set(socket, { ...membership, from });
    return late;
  }

  /** It was not let in. */
  dismiss(channel: string, arrival: Arrival): void {
    const room = this.#rooms.get(channel);
    room?.arrivals.delete(arrival);
    this.#clear(channel);
  }

  /** A socket leaves; true where nobody of this gateway is left in the channel. */
  remove(channel: string, socket: S): boolean {
    this.#rooms.get(channel)?.sockets.delete(socket);
    return this.#clear(channel);
  }

  has(channel: string, socket: S): boolean {
    return this.#rooms.get(channel)?.sockets.has(socket) === true;
  }

  members(channel: string): ReadonlyMap<S, Membership> {
    return this.#rooms.get(channel)?.sockets ?? new Map<S, Membership>();
  }

  /**
   * Takes a delivery. Gives the events that are new here, in order, or says from where on something is missing: then nothing is handed
   * out, since an event after a gap would hide it.
   */
  accept(
    channel: string,
    events: readonly Delivered[],
    head: number,
  ): {
    readonly fresh: readonly Delivered[];
    readonly missingFrom: number | null;
    readonly sockets: number;
  } {
    const room = this.#rooms.get(channel);
    if (!room) return { fresh: [], missingFrom: null, sockets: 0 };
    const sockets = room.sockets.size + room.arrivals.size;
    const last = room.last;
    const fresh = last === null ? events : events.filter((event) => event.offset > last);
    const first = fresh[0]?.offset ?? head + 1;
    if (last !== null && first > last + 1) return { fresh: [], missingFrom: last + 1, sockets };
    for (const arrival of room.arrivals) arrival.arrived.push(...fresh);
    room.last = fresh.at(-1)?.offset ?? last;
    return { fresh, missingFrom: null, sockets };
  }

  #room(channel: string): Room<S> {
    const known = this.#rooms.get(channel);
    if (known) return known;
    const room: Room<S> = { sockets: new Map(), arrivals: new Set(), last: null };
    this.#rooms.set(channel, room);
    return room;
  }

  #clear(channel: string): boolean {
    const room = this.#rooms.get(channel);
    if (room && room.sockets.size + room.arrivals.size > 0) return false;
    this.#rooms.delete(channel);
    return true;
  }
}
