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

/** How a page is looked at. */
export interface View {
  readonly width?: number;
  readonly height?: number;
  readonly isDark?: boolean;
  /** What the browser asks for in `Accept-Language`. */
  readonly language?: string;
}

/** A page that stays open. */
export interface Tab {
  /** Runs an asynchronous function's body there; resolves with what it returns. */
  readonly run: (body: string) => Promise<unknown>;
  /** Presses a key as a person does: `Tab`, `Enter`, `Escape`. */
  readonly press: (key: "Tab" | "Enter" | "Escape") => Promise<void>;
  /** Types text into what has the focus. */
  readonly type: (text: string) => Promise<void>;
  /** What is to be seen, or all of the page, as PNG. */
  readonly screenshot: (isWhole?: boolean) => Promise<Buffer>;
  /** Errors in the console, exceptions that nobody caught, violations of the page's policy. */
  readonly complaints: readonly string[];
  readonly close: () => Promise<void>;
}

export interface Browser {
  readonly open: (url: string, view?: View) => Promise<Tab>;
  /** Opens a page and runs an asynchronous function's body there; resolves with what it returns. */
  readonly run: (url: string, body: string) => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly sessionId?: string;
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
  const tabs = new Map<string, string[]>();
  socket.on("message", (data: Buffer) => {
    const answer = JSON.parse(data.toString()) as Answer;
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer);
    const complaint = complaintIn(answer);
    if (complaint !== null) tabs.get(answer.sessionId ?? "")?.push(complaint);
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
  const open = async (url: string, view: View = {}): Promise<Tab> => {
    const { targetId } = await ask("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await ask("Target.attachToTarget", { targetId, flatten: true });
    const session = String(sessionId);
    const complaints: string[] = [];
    tabs.set(session, complaints);
    const tell = (method: string, params: object = {}): Promise<Record<string, unknown>> =>
      ask(method, params, session);
    await Promise.all([tell("Page.enable"), tell("Runtime.enable"), tell("Log.enable")]);
    const { width = 1280, height = 900, isDark = false, language } = view;
    await tell("Emulation.setDeviceMetricsOverride", {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: width < 600,
    });
    const scheme = { name: "prefers-color-scheme", value: isDark ? "dark" : "light" };
    await tell("Emulation.setEmulatedMedia", { features: [scheme] });
    if (language !== undefined) {
      const { userAgent } = await tell("Browser.getVersion");
      await tell("Emulation.setUserAgentOverride", { userAgent, acceptLanguage: language });
    }
    await tell("Page.navigate", { url });
    const evaluate = (expression: string): Promise<Record<string, unknown>> =>
      tell("Runtime.evaluate", {
        expression,
        awaitPromise: true,
        returnByValue: true,
        timeout: 20_000,
      });
    // The new page's own context, once it is the one that runs.
    const origin = JSON.stringify(new URL(url).origin);
    for (;;) {
      const at = await evaluate(
        `location.origin === ${origin} && document.readyState === "complete"`,
      );
      if ((at["result"] as { value?: unknown }).value === true) break;
    }
    return {
      run: async (body) => {
        const answer = await evaluate(`(async () => { ${body} })()`);
        if (answer["exceptionDetails"])
          throw new Error(`In the page: ${JSON.stringify(answer["exceptionDetails"])}`);
        return (answer["result"] as { value?: unknown }).value;
      },
      press: async (key) => {
        const event = { key, code: key, ...KEYS[key] };
        await tell("Input.dispatchKeyEvent", { type: "keyDown", ...event });
        await tell("Input.dispatchKeyEvent", { type: "keyUp", ...event });
      },
      type: async (text) => {
        await tell("Input.insertText", { text });
      },
      screenshot: async (isWhole = false) => {
        const { data } = await tell("Page.captureScreenshot", { captureBeyondViewport: isWhole });
        return Buffer.from(String(data), "base64");
      },
      complaints,
      close: async () => {
        await ask("Target.closeTarget", { targetId });
      },
    };
  };
  return {
    open,
    run: async (url, body) => (await open(url)).run(body),
    stop: async () => {
      socket.close();
      child.kill("SIGKILL");
      await exited;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const KEYS = {
  Tab: { windowsVirtualKeyCode: 9 },
  Enter: { windowsVirtualKeyCode: 13, text: "\r" },
  Escape: { windowsVirtualKeyCode: 27 },
};

/** What an event of the protocol says that went wrong; null where nothing did. */
function complaintIn({ method, params = {} }: Answer): string | null {
  if (method === "Runtime.exceptionThrown") {
    const details = params["exceptionDetails"] as { exception?: { description?: string } };
    return details.exception?.description ?? JSON.stringify(details);
  }
  if (method === "Runtime.consoleAPICalled" && params["type"] === "error")
    return JSON.stringify(params["args"]);
  const entry = params["entry"] as { level?: string; text?: string; url?: string } | undefined;
  return method === "Log.entryAdded" && entry?.level === "error"
    ? `${entry.text} ${entry.url}`
    : null;
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
