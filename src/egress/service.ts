/**
 * The one way out. Every request that this server makes on somebody's word goes through `fetchOutside`
 * (all bytes at once) or `openOutside` (a stream): the address policy at every hop, redirects followed by hand,
 * caps on bytes, time and hops. Only bindings and the resolver of `dns-client` do without.
 */
import { systemClock } from "#platform/clock";
import type { Clock } from "#platform/clock";
import type { Config } from "#platform/config";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import { collectBody, guardBody } from "./body-reader";
import { createAddressRules } from "./core/address-policy";
import { createResolver } from "./dns-client";
import type { Resolver } from "./dns-client";
import { ACCEPT_ENCODING, codingsLeft, decodeBytes } from "./content-coding";
import { failureOf, unknownCoding } from "./failure";
import { discard, followHops } from "./hops";
import { systemFetch, systemTimer } from "./ports";
import type { FetchPort, TimerPort } from "./ports";
import type {
  Egress,
  OutsideFailure,
  OutsideRequest,
  OutsideResponse,
  OutsideStream,
} from "./request";
import { createWatch } from "./watch";

export { TooLarge } from "./body-reader";
export { createBreaker } from "./breaker-client";
export type { BreakerPort, Passage } from "./breaker-client";
export { checkUrl, createAddressRules, literalOf, portOf } from "./core/address-policy";
export type { AddressRules, Trust, UrlRefusal } from "./core/address-policy";
export { acceptsType, essenceOf } from "./core/media-type";
export { PRODUCT_TOKEN, USER_AGENT } from "./core/user-agent";
export type { DnsRefusal, Resolver } from "./dns-client";
export { passOutside } from "./pass";
export type { PassedRequest } from "./pass";
export { describeRefusal } from "./refusal-texts";
export { systemTimer } from "./ports";
export type { FetchPort, TimerPort } from "./ports";
export type {
  Egress,
  OutsideFailure,
  OutsideRequest,
  OutsideResponse,
  OutsideStream,
  RedirectStep,
} from "./request";

export interface EgressPorts {
  readonly fetch?: FetchPort;
  readonly resolve?: Resolver;
  readonly timer?: TimerPort;
  readonly clock?: Clock;
}

/** Egress by a deployment's settings. `ports` replaces the network and the clocks in tests. */
export function createEgress(
  config: Pick<Config, "dohUrl" | "scrapeAllowHosts" | "scrapeAllowPrivate">,
  ports: EgressPorts = {},
): Egress {
  const fetch = ports.fetch ?? systemFetch;
  const timer = ports.timer ?? systemTimer;
  const clock = ports.clock ?? systemClock;
  return {
    rules: createAddressRules(config.scrapeAllowHosts, config.scrapeAllowPrivate),
    resolve: ports.resolve ?? createResolver({ dohUrl: config.dohUrl, fetch, timer, clock }),
    fetch,
    timer,
    clock,
  };
}

const IDLE_TIMEOUT_MS = 10_000;
/** An error answer is read for its text at most so far, so that a failing page costs little. */
const MAX_ERROR_BYTES = 65_536;

/** Fetches and reads. Never throws for what the outside may do; the failure says whether trying again makes sense. */
export async function fetchOutside<Refusal = never>(
  egress: Egress,
  request: OutsideRequest<Refusal>,
): Promise<Result<OutsideResponse, OutsideFailure | Refusal>> {
  const watch = createWatch(egress.timer, request.timeoutMs, request.signal);
  const headers = { "accept-encoding": ACCEPT_ENCODING, ...request.headers };
  const opened = await followHops(egress, { ...request, headers }, watch);
  if (!opened.ok) {
    watch.close();
    return opened;
  }
  const { response, ...answer } = opened.value;
  const url = new URL(answer.finalUrl);
  // The text of an error answer is a courtesy: one that can't be read is left as it came.
  const codings = response.ok ? codingsLeft(response.headers.get("content-encoding")) : [];
  if (codings === null) {
    watch.close();
    discard(response);
    return err(unknownCoding(response, url));
  }
  const caps = {
    maxBytes: response.ok ? request.maxBytes : Math.min(MAX_ERROR_BYTES, request.maxBytes),
    idleMs: request.idleTimeoutMs ?? IDLE_TIMEOUT_MS,
    truncate: !response.ok || request.truncate === true,
  };
  try {
    const bytes = await collectBody(response.body, caps, watch);
    return ok({ ...answer, bytes: await decodeBytes(bytes, codings, caps) });
  } catch (error) {
    return err(failureOf(error, url, request, watch, false));
  }
}

/** Fetches and hands the body on as it comes, under the same caps. */
export async function openOutside<Refusal = never>(
  egress: Egress,
  request: OutsideRequest<Refusal>,
): Promise<Result<OutsideStream, OutsideFailure | Refusal>> {
  const watch = createWatch(egress.timer, request.timeoutMs, request.signal);
  const opened = await followHops(egress, request, watch);
  if (!opened.ok) {
    watch.close();
    return opened;
  }
  const { response, ...answer } = opened.value;
  const caps = { maxBytes: request.maxBytes, idleMs: request.idleTimeoutMs ?? IDLE_TIMEOUT_MS };
  return ok({ ...answer, body: guardBody(response.body ?? new Blob([]).stream(), caps, watch) });
}
