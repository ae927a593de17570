/**
 * `naru/client`: the API of a Naru server, typed, for browsers and Node ≥ 20, without dependencies. Calls by their operation, streams that resume,
 * and one socket for many channels that misses nothing after a drop.
 */
import { Http } from "./http.ts";
import type { Arguments, HttpOptions, Input, OperationId } from "./http.ts";
import type { Operations } from "./operations.ts";
import { Realtime } from "./realtime.ts";
import type { RealtimeOptions } from "./realtime.ts";
import { followStream } from "./streams.ts";
import type { StreamEvent, StreamOptions } from "./streams.ts";

export type { ChannelEvent, HistoryPage, Position, PresenceChange, Subscribed } from "./frames.ts";
export type { CallOptions, Credential, HttpOptions, Input, OperationId } from "./http.ts";
export type { Socket } from "./line.ts";
export { NaruError } from "./naru-error.ts";
export type * from "./operations.ts";
export { Realtime } from "./realtime.ts";
export type { HistoryOptions, RealtimeOptions, RealtimeState } from "./realtime.ts";
export type { StreamEvent, StreamOptions } from "./streams.ts";
export type { Subscription, SubscriptionOptions } from "./subscription.ts";

export interface NaruOptions extends HttpOptions {
  /** How sockets are opened. */
  readonly realtime?: RealtimeOptions;
}

/** A client of one server, for one caller. */
export interface Naru {
  /**
   * Calls an operation by its `operationId`, such as `tasks.create`. Resolves with what the answer's JSON says, or undefined where it is empty.
   * Rejects with a `NaruError`. A 429 is waited out as `Retry-After` asks, a 503 and a lost connection where sending again does nothing twice.
   */
  readonly call: <K extends OperationId>(
    id: K,
    ...input: Arguments<K>
  ) => Promise<Operations[K]["response"]>;
  /** As `call`, with the answer itself: for its headers, or a body that is no JSON. */
  readonly fetch: <K extends OperationId>(id: K, ...input: Arguments<K>) => Promise<Response>;
  /** Follows the server-sent events of an operation to their end, across lost connections: `for await (const event of naru.stream("tasks.events", …))`. */
  readonly stream: <K extends OperationId>(
    id: K,
    input: Input<K> & StreamOptions,
  ) => AsyncGenerator<StreamEvent, void, undefined>;
  readonly realtime: Realtime;
}

/** Makes a client. Nothing is sent before it is used. */
export function createNaru(options: NaruOptions): Naru {
  const http = new Http(options);
  return {
    call: async <K extends OperationId>(id: K, ...[input]: Arguments<K>) => {
      const answer = await http.send(id, input);
      const text = await answer.text();
      return (text === "" ? undefined : JSON.parse(text)) as Operations[K]["response"];
    },
    fetch: (id, ...[input]) => http.send(id, input),
    stream: (id, input) => followStream(http, id, input),
    realtime: new Realtime(http, options.realtime ?? {}),
  };
}
