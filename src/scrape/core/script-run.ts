/**
 * Carries out a script: page after page, within bounds of pages, bytes, characters and time. How a page is had and
 * who takes it apart is given; the same engine runs scrapes and dry runs.
 */
import type { JsonObject, JsonValue } from "#platform/json-value";
import type { ErrorCode, ErrorParams } from "#platform/errors";
import { err, ok, type Result } from "#platform/result";
import type { Follow, PagePlan, Route } from "./script-plan";
import { siteOf } from "./site";

export const RUN_LIMITS = {
  /** Of all pages together. */
  bytes: 50 * 1024 * 1024,
  /** Of all values together, as JSON, in UTF-16 units. */
  characters: 4 * 1024 * 1024,
} as const;

/** A page as it was had. */
export interface SourcePage {
  readonly body: Uint8Array;
  readonly contentType: string | null;
  /** After redirects. */
  readonly url: string;
  readonly status: number;
}
/** What was read from a page. */
export interface ReadPage {
  readonly values: JsonObject;
  readonly links: Readonly<Record<string, readonly string[]>>;
  readonly next: string | null;
  readonly charset: string;
}
export interface PageFailure {
  readonly code: ErrorCode | "PAGE_NOT_SUPPLIED";
  readonly params?: ErrorParams;
}

export interface RunPorts<P extends SourcePage, F extends PageFailure> {
  readonly fetchPage: (url: string) => Promise<Result<P, F>>;
  readonly readPage: (page: P, plan: PagePlan) => Promise<Result<ReadPage, F>>;
  /** Whether no further page is begun: the time is over, or nobody wants the answer any longer. */
  readonly isOver: () => boolean;
  readonly onPage?: (done: number) => void;
}

/** One page of a run, as its result lists it. */
export type PageReport = {
  readonly url: string;
  readonly status_code: number | null;
  readonly error: string | null;
};

export interface ScriptRun<P> {
  readonly values: JsonObject;
  readonly first: P;
  readonly charset: string;
  readonly pages: readonly PageReport[];
  /** The bound that ended the run before it was done; null where it was done. */
  readonly stoppedBy: "pages" | "bytes" | "characters" | "time" | null;
}

/** Runs a route from an address on. Fails where its first page does; a later page that fails is listed with its error. */
export function runRoute<P extends SourcePage, F extends PageFailure>(
  address: string,
  route: Route,
  maxPages: number,
  ports: RunPorts<P, F>,
): Promise<Result<ScriptRun<P>, F>> {
  return new Engine(maxPages, ports).run(address, route);
}

class Engine<P extends SourcePage, F extends PageFailure> {
  readonly #maxPages: number;
  readonly #ports: RunPorts<P, F>;
  readonly #pages: PageReport[] = [];
  #first: { readonly page: P; readonly charset: string } | null = null;
  #stoppedBy: ScriptRun<P>["stoppedBy"] = null;
  #bytes = 0;
  #characters = 0;

  constructor(maxPages: number, ports: RunPorts<P, F>) {
    this.#maxPages = maxPages;
    this.#ports = ports;
  }

  async run(address: string, route: Route): Promise<Result<ScriptRun<P>, F>> {
    const values = await this.#route(address, route);
    if (!values.ok) return values;
    const first = this.#first;
    // A route that did not fail has read its first page.
    if (first === null) throw new Error("A route ended without a page.");
    return ok({
      values: values.value,
      first: first.page,
      charset: first.charset,
      pages: this.#pages,
      stoppedBy: this.#stoppedBy,
    });
  }

  /** One page with its further pages and the pages that it leads to. Routes nest as deep as their steps, two levels. */
  async #route(address: string, route: Route): Promise<Result<JsonObject, F>> {
    const first = await this.#page(address, route.page);
    if (!first.ok) return first;
    const { values } = first.value;
    const links = new Map(
      Object.entries(first.value.links).map(([name, urls]) => [name, new Set(urls)]),
    );
    const seen = new Set([address, first.value.url]);
    let { next } = first.value;
    for (let turned = 1; turned < route.maxPages; turned++) {
      if (next === null || seen.has(next) || !this.#goesOn()) break;
      seen.add(next);
      const further = await this.#page(next, route.page);
      if (!further.ok) break;
      mergeValues(values, further.value.values);
      for (const [name, urls] of Object.entries(further.value.links))
        for (const url of urls) links.get(name)?.add(url);
      ({ next } = further.value);
    }
    for (const follow of route.follows) {
      const from = follow.from === null ? null : values[follow.from.list];
      if (follow.from !== null) await this.#followRecords(from, follow, first.value.url);
      else values[follow.into] = await this.#followLinks(links.get(follow.into), follow);
    }
    return ok(values);
  }

  async #followLinks(
    addresses: ReadonlySet<string> | undefined,
    follow: Follow,
  ): Promise<JsonValue[]> {
    const records: JsonValue[] = [];
    for (const address of [...(addresses ?? [])].slice(0, follow.limit)) {
      if (!this.#goesOn()) break;
      const values = await this.#route(address, follow.route);
      records.push(
        values.ok ? { url: address, ...values.value } : { url: address, error: values.error.code },
      );
    }
    return records;
  }

  /** Puts what is behind each record's address into the record; null where there is none, or where it could not be had. */
  async #followRecords(list: JsonValue | undefined, follow: Follow, base: string): Promise<void> {
    const known = new Map<string, JsonValue>();
    for (const record of Array.isArray(list) ? list : []) {
      if (typeof record !== "object" || record === null || Array.isArray(record)) continue;
      const address = addressIn(record[follow.from?.field ?? ""], base, follow.sameSite);
      record[follow.into] = null;
      if (address === null) continue;
      const before = known.get(address);
      if (before === undefined && (known.size >= follow.limit || !this.#goesOn())) continue;
      if (before === undefined) {
        const values = await this.#route(address, follow.route);
        known.set(address, values.ok ? values.value : null);
      }
      record[follow.into] = structuredClone(known.get(address) ?? null);
      if (before !== undefined) this.#spend(before);
    }
  }

  /** Whether there is room for another page; else notes which bound ended the run. */
  #goesOn(): boolean {
    if (this.#stoppedBy !== null) return false;
    if (this.#ports.isOver()) this.#stoppedBy = "time";
    else if (this.#pages.length >= this.#maxPages) this.#stoppedBy = "pages";
    else if (this.#bytes >= RUN_LIMITS.bytes) this.#stoppedBy = "bytes";
    else if (this.#characters >= RUN_LIMITS.characters) this.#stoppedBy = "characters";
    return this.#stoppedBy === null;
  }

  #spend(values: JsonValue): void {
    this.#characters += JSON.stringify(values).length;
  }

  async #page(
    address: string,
    plan: PagePlan,
  ): Promise<Result<ReadPage & { readonly url: string }, F>> {
    const fetched = await this.#ports.fetchPage(address);
    if (!fetched.ok) return this.#failed(address, null, fetched.error);
    const page = fetched.value;
    this.#bytes += page.body.byteLength;
    const read = await this.#ports.readPage(page, plan);
    if (!read.ok) return this.#failed(address, page.status, read.error);
    this.#first ??= { page, charset: read.value.charset };
    this.#spend(read.value.values);
    this.#pages.push({ url: address, status_code: page.status, error: null });
    this.#ports.onPage?.(this.#pages.length);
    return ok({ ...read.value, url: page.url });
  }

  #failed(url: string, status: number | null, error: F): Result<never, F> {
    const told = error.params?.["status"];
    const status_code = status ?? (typeof told === "number" ? told : null);
    this.#pages.push({ url, status_code, error: error.code });
    return err(error);
  }
}

/** Lists grow by those of a further page; what else the first page has stays. */
function mergeValues(values: JsonObject, further: JsonObject): void {
  for (const [name, value] of Object.entries(further)) {
    const known = values[name];
    if (Array.isArray(known) && Array.isArray(value)) values[name] = [...known, ...value];
    else if (known === undefined || known === null) values[name] = value;
  }
}

function addressIn(value: JsonValue | undefined, base: string, sameSite: boolean): string | null {
  if (typeof value !== "string") return null;
  const url = URL.parse(value.trim(), base);
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  url.hash = "";
  return sameSite && siteOf(url) !== siteOf(new URL(base)) ? null : url.href;
}
