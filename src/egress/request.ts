import type { ErrorCode, ErrorParams } from "#platform/errors";
import type { Clock } from "#platform/clock";
import type { Result } from "#platform/result";
import type { AddressRules, Trust, UrlRefusal } from "./core/address-policy";
import type { DnsRefusal, Resolver } from "./dns-client";
import type { FetchPort, TimerPort } from "./ports";

/** Everything that egress needs, bound once per deployment. */
export interface Egress {
  readonly rules: AddressRules;
  readonly resolve: Resolver;
  readonly fetch: FetchPort;
  readonly timer: TimerPort;
  readonly clock: Clock;
}

export interface OutsideRequest<Refusal = never> {
  readonly url: string | URL;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly trust: Trust;
  /** Ends the call at once, with `isAborted`. */
  readonly signal?: AbortSignal;
  /** Of the decoded body. */
  readonly maxBytes: number;
  /** Over all hops and the body. */
  readonly timeoutMs: number;
  /** Between two chunks of the body; 10 s unless told. */
  readonly idleTimeoutMs?: number;
  /** 0 hands a redirect back as an answer. */
  readonly maxRedirects: number;
  /** The trace that the call belongs to; each hop is told it with a span of its own. */
  readonly traceparent?: string | undefined;
  /** Media types (`text/html`, `text/*`, `*+xml`) that a successful answer may have; all unless told. Also sent as `Accept`. */
  readonly accept?: readonly string[];
  /** Keeps the first `maxBytes` of a longer body instead of failing. `fetchOutside` only. */
  readonly truncate?: boolean;
  /** Asked before each hop, after the address policy; its refusal ends the call and is handed back as it is. */
  readonly admit?: (url: URL) => Promise<Result<void, Refusal>>;
}

/** One redirect that was followed. */
export interface RedirectStep {
  readonly url: string;
  readonly status: number;
}

export interface OutsideAnswer {
  readonly finalUrl: string;
  readonly status: number;
  readonly headers: Headers;
  readonly redirects: readonly RedirectStep[];
  /** Whether some hop went from https to http, so that what came could have been read or changed on the way. */
  readonly isDowngraded: boolean;
}

export interface OutsideResponse extends OutsideAnswer {
  readonly bytes: Uint8Array;
}

export interface OutsideStream extends OutsideAnswer {
  /** Throws when a cap is passed; cancelling it ends the transfer. Has to be read or cancelled. */
  readonly body: ReadableStream<Uint8Array>;
}

export interface OutsideFailure {
  readonly kind: "egress";
  readonly code: ErrorCode;
  readonly params: ErrorParams;
  /** Whether the same call could end differently later. */
  readonly isRetryable: boolean;
  /** Nothing of an answer came: what a breaker counts against the host. */
  readonly isTransport: boolean;
  /** The caller's own signal ended it; nothing is wrong with the target. */
  readonly isAborted: boolean;
  /** The hop that failed. */
  readonly url: string;
  /** Which rule refused the address, where one did. */
  readonly refusal?: UrlRefusal | DnsRefusal | "redirect";
}
