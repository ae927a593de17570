import { describe, expect, test } from "vitest";
import type { SiteGateStub } from "#scrape/site-client";
import { manualTimer, page } from "../../support/outside";
import type { FakeAnswer } from "../../support/outside";
import { fakeWeb, pagesOf } from "../../support/scrape";

const URL_A = "https://www.example.com/a";
const HTML = page("<title>Ferries</title>");

describe("a run that ends while it waits", () => {
  const gate = (acquire: SiteGateStub["acquire"]) => {
    const released: string[] = [];
    const renewed: string[] = [];
    const stub: SiteGateStub = {
      acquire,
      renew: async (slot) => renewed.push(slot) > 0,
      release: async (slot) => {
        released.push(slot);
      },
    };
    return { stub, released, renewed };
  };

  test("gives back the slot that it is granted too late", async () => {
    const granted = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<string>();
    const { stub, released } = gate(async ({ slot }) => {
      asked.resolve(slot);
      await granted.promise;
      return { granted: true, slot, expiresAtMs: 0 };
    });
    const time = manualTimer(Date.now());
    const web = fakeWeb({ [URL_A]: HTML }, { gateOf: () => stub, timer: time.timer });
    const abort = new AbortController();
    const outcome = web.scrape(URL_A, {}, abort.signal);
    const slot = await asked.promise;
    abort.abort();
    expect((await outcome).status).toBe("failed");
    expect(released).toEqual([]);
    granted.resolve();
    while (released.length === 0) await scheduler.wait(1);
    expect(released).toEqual([slot]);
    expect(time.pending()).toBe(0);
    expect(pagesOf(web)).toEqual([]);
  });

  test("renews its slot while the page takes its time", async () => {
    const opened = Promise.withResolvers<void>();
    const { stub, released, renewed } = gate(async ({ slot }) => ({
      granted: true,
      slot,
      expiresAtMs: 0,
    }));
    const time = manualTimer(Date.now());
    const slow: FakeAnswer = async (url, init) => {
      await opened.promise;
      return HTML(url, init);
    };
    const web = fakeWeb({ [URL_A]: slow }, { gateOf: () => stub, timer: time.timer });
    const outcome = web.scrape(URL_A);
    while (pagesOf(web).length === 0) await scheduler.wait(1);
    await time.advance(20_000);
    expect(renewed.length).toBe(3);
    opened.resolve();
    expect((await outcome).status).toBe("completed");
    expect(released.length).toBe(1);
    await time.advance(60_000);
    expect(renewed.length).toBe(3);
  });

  test("asks a gate that was reset once more, then says that we are at fault", async () => {
    let asked = 0;
    const once = gate(async ({ slot }) => {
      if (asked++ === 0) throw new Error("reset");
      return { granted: true, slot, expiresAtMs: 0 };
    });
    const web = fakeWeb({ [URL_A]: HTML }, { gateOf: () => once.stub });
    expect((await web.scrape(URL_A)).status).toBe("completed");
    const never = gate(() => Promise.reject(new Error("overloaded")));
    const other = fakeWeb({ [URL_A]: HTML }, { gateOf: () => never.stub });
    expect(await other.scrape(URL_A)).toMatchObject({
      code: "DEPENDENCY_UNAVAILABLE",
      retryable: true,
    });
  });
});
