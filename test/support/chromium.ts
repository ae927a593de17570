/** A real browser, driven over its own protocol (Chrome DevTools Protocol), so that no driver has to be installed. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** The browser's program, or null where none is installed. */
export const findChromium = (): string | null =>
  NAMES.find((name) => spawnSync(name, ["--version"]).status === 0) ?? null;

export interface Browser {
  /** Opens a page and runs an asynchronous function's body there; resolves with what it returns. */
  readonly run: (url: string, body: string) => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

interface Answer {
  readonly id?: number;
  readonly result?: Record<string, never>;
  readonly error?: { readonly message: string };
}

export async function startChromium(program: string): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), "naru-chromium-"));
  const child = spawn(
    program,
    [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      "about:blank",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const exited = new Promise<void>((resolve) => {
    child.on("exit", () => resolve());
  });
  const endpoint = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.stderr.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const found = /DevTools listening on (ws:\S+)/.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.on("exit", () => reject(new Error(`The browser did not start:\n${text}`)));
  });
  const socket = new WebSocket(endpoint);
  await new Promise<void>((resolve, reject) => {
    socket.on("open", () => resolve());
    socket.on("error", reject);
  });
  let count = 0;
  const waiting = new Map<number, (answer: Answer) => void>();
  socket.on("message", (data: Buffer) => {
    const answer = JSON.parse(data.toString()) as Answer;
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer);
  });
  const ask = (
    method: string,
    params: object,
    sessionId?: string,
  ): Promise<Record<string, unknown>> =>
    new Promise((resolve, reject) => {
      count += 1;
      waiting.set(count, ({ result, error }) => {
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result ?? {});
      });
      socket.send(JSON.stringify({ id: count, method, params, ...(sessionId && { sessionId }) }));
    });
  return {
    run: async (url, body) => {
      const { targetId } = await ask("Target.createTarget", { url: "about:blank" });
      const { sessionId } = await ask("Target.attachToTarget", { targetId, flatten: true });
      const session = String(sessionId);
      await ask("Page.navigate", { url }, session);
      // The new page's own context, once it is the one that runs.
      const evaluate = (expression: string): Promise<Record<string, unknown>> =>
        ask(
          "Runtime.evaluate",
          { expression, awaitPromise: true, returnByValue: true, timeout: 20_000 },
          session,
        );
      const origin = JSON.stringify(new URL(url).origin);
      for (;;) {
        const at = await evaluate(
          `location.origin === ${origin} && document.readyState === "complete"`,
        );
        if ((at["result"] as { value?: unknown }).value === true) break;
      }
      const answer = await evaluate(`(async () => { ${body} })()`);
      if (answer["exceptionDetails"])
        throw new Error(`In the page: ${JSON.stringify(answer["exceptionDetails"])}`);
      return (answer["result"] as { value?: unknown }).value;
    },
    stop: async () => {
      socket.close();
      child.kill("SIGKILL");
      await exited;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export interface Pages {
  readonly origin: string;
  readonly stop: () => Promise<void>;
}

/** An empty page, and beside it the files of a folder, as modules. */
export async function servePages(port: number, folder: string): Promise<Pages> {
  const server = createServer((request, response) => {
    const name = /^\/([\w-]+\.js)$/.exec(request.url ?? "")?.[1];
    response.setHeader("Content-Type", name === undefined ? "text/html" : "text/javascript");
    response.end(
      name === undefined ? "<!doctype html><title>page</title>" : readFileSync(join(folder, name)),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    origin: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
