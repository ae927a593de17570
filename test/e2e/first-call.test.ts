import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findChromium, startChromium } from "../support/chromium";
import type { Browser } from "../support/chromium";
import { answering, costTold, ILL, seen, tabTo, unreadable } from "../support/console";
import { parseVars } from "../../scripts/setup";
import { startServer } from "../support/server";
import type { RunningServer } from "../support/server";
import { hang, html, redirectTo, startSite } from "../support/site";
import type { Site } from "../support/site";

/** A page that would run scripts in whatever takes its texts for markup. */
const MARKUP = `<img src=x onerror="window.hacked=1"><script>window.hacked=2</script>`;
const ESCAPED = MARKUP.replaceAll("<", "&lt;");
const HOSTILE_PAGE = `<!doctype html><html lang="en"><head><title>${ESCAPED}</title></head>
<body><h1>${ESCAPED}</h1><p>${ESCAPED}</p></body></html>`;
const chromium = findChromium();

const ROOT = join(import.meta.dirname, "..", "..");
const FERRY_PAGE = `<!doctype html><html lang="en"><head><title>Ferries of the bay</title></head>
<body><h1>Ferries</h1><p>Every <b>twenty</b> minutes.</p><a href="/times">Times</a></body></html>`;
const KOREAN_PAGE = readFileSync(join(ROOT, "test/fixtures/pages/euc-kr.html"));

describe("with private addresses allowed", () => {
  let server: RunningServer;
  let site: Site;

  beforeAll(async () => {
    site = await startSite({
      "/ferries": html(FERRY_PAGE),
      "/korean": html(KOREAN_PAGE, "text/html; charset=euc-kr"),
      "/korean-by-meta": html(KOREAN_PAGE, "text/html"),
      "/hang": hang,
      "/hostile": html(HOSTILE_PAGE),
    });
    server = await startServer({ port: 18_821, vars: { SCRAPE_ALLOW_PRIVATE: "1" } });
  });
  afterAll(async () => {
    await server.stop();
    await site.stop();
  });

  const scrape = (parameters: object, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${server.origin}/scrape`, {
      method: "POST",
      headers: { "X-API-Key": server.demoKey, "Content-Type": "application/json", ...headers },
      body: JSON.stringify({ script_name: "page", parameters, timeout: 60 }),
    });

  test("the printed curl works as it stands", () => {
    const command = /^ {2}curl [\s\S]*?}}'$/m.exec(server.output())?.[0] ?? "";
    const answer: unknown = JSON.parse(execFileSync("bash", ["-c", command], { encoding: "utf8" }));
    expect(answer).toMatchObject({ status: "completed", error: null });
  });

  test("the secrets file is readable by its owner only", () => {
    expect(statSync(join(ROOT, ".dev.vars")).mode & 0o077).toBe(0);
  });

  test("a page comes back with title, text, links and Markdown in one round trip", async () => {
    const answer = await scrape({ url: `${site.origin}/ferries` });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      status: "completed",
      error: null,
      data: {
        title: "Ferries of the bay",
        text: expect.stringContaining("Every twenty minutes.") as string,
        markdown: expect.stringContaining("# Ferries") as string,
        links: [expect.objectContaining({ url: `${site.origin}/times`, text: "Times" }) as object],
      },
    });
  });

  test.each(["/korean", "/korean-by-meta"])(
    "the EUC-KR page at %s comes back in Korean",
    async (path) => {
      const answer = (await (await scrape({ url: site.origin + path })).json()) as {
        data: { title: string; text: string };
      };
      expect(answer.data.title).toBe("한강 나루터");
      expect(answer.data.text).toContain("뱃사공");
    },
  );

  test("a fast task ends while slow ones before it still run", async () => {
    const slow = await Promise.all(
      Array.from({ length: 8 }, () =>
        scrape({ url: `${site.origin}/hang` }, { Prefer: "respond-async" }),
      ),
    );
    expect(slow.map((answer) => answer.status)).toEqual(Array.from({ length: 8 }, () => 202));
    const fast = await fetch(`${server.origin}/api/v1/tasks`, {
      method: "POST",
      headers: { "X-API-Key": server.demoKey, "Content-Type": "application/json" },
      body: JSON.stringify({ kind: "echo", input: { hello: "ferry" } }),
    });
    expect(await fast.json()).toMatchObject({ status: "completed" });
    for (const answer of slow) {
      const location = server.origin + (answer.headers.get("Location") ?? "");
      const task = await fetch(location, { headers: { "X-API-Key": server.demoKey } });
      expect(["queued", "running"]).toContain((await task.json<{ status: string }>()).status);
      await fetch(location, { method: "DELETE", headers: { "X-API-Key": server.demoKey } });
    }
  });

  describe.skipIf(chromium === null)(
    "the console in Chromium (skipped where none is installed)",
    () => {
      let browser: Browser;

      beforeAll(async () => {
        browser = await startChromium(chromium ?? "");
      });
      afterAll(() => browser.stop());

      test("tells a stranger why a key is refused, in Korean, on a narrow dark screen", async () => {
        const tab = await browser.open(server.origin, { language: "ko", width: 360, isDark: true });
        await seen(tab, `document.querySelector("#key-form")`);
        await tab.run(`document.querySelector("#key-form input").value = "nr_dev_made_up";
        document.querySelector("#key-form button").click();`);
        await seen(tab, `document.querySelector(".problem code")`);
        const told = String(
          await tab.run(`return document.querySelector(".problem").textContent;`),
        );
        expect(told).toMatch(/[가-힣].*INVALID_[A-Z_]+.*req_\w{20}/s);
        await answering(tab, "/health", ILL);
        await tab.run(`location.hash = "server";`);
        await seen(tab, `document.querySelector("#panel-server .facts li")`);
        expect(
          await tab.run(`return document.querySelector("#panel-server .facts li").textContent;`),
        ).toBe("오류 TASK_SHARDS is odd Set TASK_SHARDS to 8.");

        expect(await unreadable(tab)).toEqual([]);
        await tab.close();
      });

      test("signs in by keyboard, scrapes, chats and hears of it live, and takes nothing for markup", async () => {
        const { ADMIN_EMAIL: email = "", ADMIN_PASSWORD: password = "" } = parseVars(
          readFileSync(join(ROOT, ".dev.vars"), "utf8"),
        );
        const tab = await browser.open(server.origin, { language: "en" });
        await seen(tab, `document.querySelector("#password-form")`);
        await tabTo(tab, "#password-form [name=email]");
        await tab.type(email);
        await tabTo(tab, "#password-form [name=password]");
        await tab.type(password);
        await tab.press("Enter");
        await seen(tab, `document.querySelector("#panel-account .facts")`);
        expect(
          await tab.run(
            `return [document.cookie.includes("refresh"), localStorage.length, sessionStorage.length];`,
          ),
        ).toEqual([false, 0, 0]);
        // The cookie signs in again what had the token in its memory alone.
        await tab.run(`location.hash = "live"; location.reload();`);
        await seen(
          tab,
          `"ready" in document.documentElement.dataset && document.querySelector("#panel-live:not([hidden])")`,
        );
        await tab.run(`document.querySelector("#live-connect").click();`);
        await seen(tab, `document.querySelector("#panel-live .log b")`);

        await tab.run(`location.hash = "scrape";
        document.querySelector("#scrape-form [name=url]").value = ${JSON.stringify(`${site.origin}/hostile`)};
        document.querySelector("#scrape-form").requestSubmit();`);
        await seen(tab, `document.querySelector("#panel-scrape .result")`);
        expect(await tab.run(`return document.querySelector(".result-title").textContent;`)).toBe(
          MARKUP,
        );
        await seen(
          tab,
          `document.querySelector("#panel-live .log").textContent.includes("task.result")`,
        );
        expect(
          await tab.run(`return document.querySelector("#panel-live .log").textContent;`),
        ).toContain(`onerror=`);
        // What is cut short says so.
        expect(
          await tab.run(
            `return [...document.querySelectorAll("#panel-scrape .log li")].find((line) => line.textContent.includes("result")).textContent;`,
          ),
        ).toMatch(/…$/);

        await tab.run(`location.hash = "chat";
        document.querySelector("#chat-form textarea").value = "How do I read a text file line by line in Python?";
        document.querySelector("#chat-form").requestSubmit();`);
        await seen(
          tab,
          `document.querySelector("#panel-chat .turn > .fine")?.textContent.includes("embedded")`,
        );
        expect(
          await tab.run(`return document.querySelector("#panel-chat .turn pre").textContent;`),
        ).toContain("open(");

        expect(await costTold(tab, 0, 2)).toBe("– answers without a price: 2");
        expect(await costTold(tab, 0.5, 1)).toBe("$0.50 answers without a price: 1");
        expect(await costTold(tab, 0.5, 0)).toBe("$0.50");

        expect(await unreadable(tab)).toEqual([]);
        expect(
          await tab.run(
            `return [window.hacked ?? null, document.querySelectorAll("#console :is(img, script, iframe)").length];`,
          ),
        ).toEqual([null, 0]);
        expect(
          await tab.run(`return document.querySelector("#panel-scrape .curl code").textContent;`),
        ).toContain('-H "Authorization: Bearer $TOKEN"');
        expect(tab.complaints).toEqual([]);
        // Neither would a mistake of ours run anything, nor would it go unnoticed here.
        await expect(tab.run(`document.body.innerHTML = "<b>text</b>";`)).rejects.toThrow(
          "TrustedHTML",
        );
        await seen(tab, `true`);
        expect(tab.complaints).not.toEqual([]);
      });
    },
  );
});

describe("by default", () => {
  let server: RunningServer;
  let redirector: Site;
  let canaryHits = 0;
  const canary = createServer((_request, response) => {
    canaryHits++;
    response.end("reached");
  });
  const CANARY_PORT = 18_899;

  beforeAll(async () => {
    await new Promise<void>((resolve) => {
      canary.listen(CANARY_PORT, "::", resolve);
    });
    redirector = await startSite({
      "/to-loopback": redirectTo(`http://127.0.0.1:${CANARY_PORT}/`),
      "/to-mapped": redirectTo(`http://[::ffff:127.0.0.1]:${CANARY_PORT}/`),
      "/to-file": redirectTo("file:///etc/passwd"),
    });
    server = await startServer({
      port: 18_822,
      vars: { SCRAPE_ALLOW_HOSTS: `127.0.0.1:${redirector.port}` },
    });
  });
  afterAll(async () => {
    await server.stop();
    await redirector.stop();
    canary.close();
  });

  const refusal = async (url: string): Promise<string> => {
    const answer = await fetch(`${server.origin}/scrape`, {
      method: "POST",
      headers: { "X-API-Key": server.demoKey, "Content-Type": "application/json" },
      body: JSON.stringify({ script_name: "page", parameters: { url } }),
    });
    const body = (await answer.json()) as { code?: string; error?: { code?: string } };
    return body.code ?? body.error?.code ?? "";
  };

  const p = CANARY_PORT;
  test.each([
    `http://127.0.0.1:${p}/`,
    `http://127.1:${p}/`,
    `http://2130706433:${p}/`,
    `http://0x7f.1:${p}/`,
    `http://0x7f000001:${p}/`,
    `http://0177.0.0.1:${p}/`,
    `http://0:${p}/`,
    `http://0.0.0.0:${p}/`,
    `http://[::1]:${p}/`,
    `http://[::]:${p}/`,
    `http://[::ffff:127.0.0.1]:${p}/`,
    `http://[::127.0.0.1]:${p}/`,
    `http://[64:ff9b::7f00:1]:${p}/`,
    `http://localhost:${p}/`,
    `http://LOCALHOST.:${p}/`,
    `http://a.localhost:${p}/`,
    `http://127。0。0。1:${p}/`,
    `http://１２７.0.0.1:${p}/`,
    `http://①②⑦.0.0.1:${p}/`,
    `http://user:pass@127.0.0.1:${p}/`,
    `http://127.0.0.1.:${p}/`,
    "http://169.254.169.254/latest/meta-data/",
    "http://metadata.google.internal/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.0.1/",
    "http://100.64.0.1/",
    "http://198.18.0.1/",
    "http://[fe80::1]/",
    "http://[fc00::1]/",
    "data:text/html,hello",
    "file:///etc/passwd",
    "ftp://example.com/",
  ])("%s is refused", async (url) => {
    expect(["URL_NOT_ALLOWED", "VALIDATION_FAILED"]).toContain(await refusal(url));
    expect(canaryHits).toBe(0);
  });

  test.each(["/to-loopback", "/to-mapped", "/to-file"])(
    "a redirect %s is refused at its hop",
    async (path) => {
      expect(await refusal(redirector.origin + path)).toBe("URL_NOT_ALLOWED");
      expect(redirector.hits).toContain(path);
      expect(canaryHits).toBe(0);
    },
  );

  test("a name that resolves to loopback only here is refused", async () => {
    // /etc/hosts names answer no public resolver, which is what decides.
    expect(["URL_NOT_ALLOWED", "DNS_FAILED"]).toContain(
      await refusal(`http://localhost.localdomain:${p}/`),
    );
    expect(canaryHits).toBe(0);
  });
});
