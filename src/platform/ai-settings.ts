import * as z from "zod";
import type { ConfigIssue } from "#platform/config";
import type { SettingReader } from "#platform/setting-reader";

/** One OpenAI-compatible server. */
export interface ModelEndpoint {
  /** Without a slash at its end; `/models` and `/embeddings` stand below it. */
  readonly baseUrl: string;
  readonly chatUrl: string;
  /** Empty where none is sent. */
  readonly apiKey: string;
}

/** Dollars per million tokens. */
export interface ModelPrice {
  readonly prompt: number;
  readonly completion: number;
}

export interface AiSettings {
  readonly provider: "embedded" | "openai" | "workers-ai";
  /** Asked in this order: the next one where one fails before its first token. */
  readonly endpoints: readonly ModelEndpoint[];
  /** The first is the deployment's choice, the others are what a request may name. */
  readonly models: readonly string[];
  /** Whether a request may name any model at all (`*` in the list). */
  readonly isAnyModelAllowed: boolean;
  readonly prices: Readonly<Record<string, ModelPrice>>;
  /** From a request to the first token of its answer, for each try. */
  readonly firstTokenTimeoutMs: number;
  /** Between two tokens. */
  readonly idleTimeoutMs: number;
  /** Over a whole answer, with all tries. */
  readonly totalTimeoutMs: number;
  /** Tries after the first, over all endpoints. */
  readonly retries: number;
  /** Characters of an answer, tool calls included; a longer one is ended with an error. */
  readonly maxAnswerChars: number;
  /** Tokens of a conversation's prompt: its oldest messages are left out beyond. */
  readonly contextTokens: number;
}

const PricesSchema = z.record(
  z.string().min(1).max(200),
  z.strictObject({ prompt: z.number().min(0).max(1e6), completion: z.number().min(0).max(1e6) }),
);

/** The settings of the model. `hasBinding` says whether the `AI` binding is there. Faults go to `issues`. */
export function readAiSettings(
  read: SettingReader,
  hasBinding: boolean,
  issues: ConfigIssue[],
): AiSettings {
  const refuse = (setting: string, message: string): void => {
    issues.push({ severity: "error", setting, message });
  };
  const provider = read.choice("AI_PROVIDER", ["embedded", "openai", "workers-ai"], "embedded");
  const names = read.list("AI_MODEL");
  const models = names.filter((name) => name !== "*");
  const endpoints = readEndpoints(read.list("AI_MODEL_ENDPOINT"), read.list("AI_MODEL_API_KEY"), {
    refuse,
  });
  if (provider === "openai" && endpoints.length === 0 && read.text("AI_MODEL_ENDPOINT") === "")
    refuse("AI_MODEL_ENDPOINT", "is missing, which AI_PROVIDER=openai needs");
  if (provider === "workers-ai" && !hasBinding)
    refuse("AI_PROVIDER", 'is workers-ai, which needs the binding "AI"');
  if (provider !== "embedded" && models.length === 0)
    refuse("AI_MODEL", "is missing, which every provider but the embedded one needs");
  return {
    provider,
    endpoints,
    models,
    isAnyModelAllowed: names.includes("*"),
    prices: readPrices(read.text("AI_PRICES"), refuse),
    firstTokenTimeoutMs: readSeconds(read, "AI_FIRST_TOKEN_TIMEOUT", 30, 300, refuse),
    idleTimeoutMs: readSeconds(read, "AI_IDLE_TIMEOUT", 20, 300, refuse),
    // An object's alarm, which keeps a run alive, has 15 minutes (Durable Objects, "Limits").
    totalTimeoutMs: readSeconds(read, "AI_TOTAL_TIMEOUT", 600, 780, refuse),
    retries: read.integer("AI_RETRIES", 2, 0, 10),
    maxAnswerChars: read.integer("AI_MAX_ANSWER_CHARS", 1_000_000, 1_000, 1_000_000),
    contextTokens: read.integer("AI_CONTEXT_TOKENS", 8_000, 100, 2_000_000),
  };
}

type Refuse = (setting: string, message: string) => void;

/** Seconds that may have decimals, as milliseconds. */
function readSeconds(
  read: SettingReader,
  name: string,
  fallback: number,
  max: number,
  refuse: Refuse,
): number {
  const text = read.text(name);
  const seconds = text === "" ? fallback : Number(text);
  if (seconds >= 0.01 && seconds <= max) return Math.round(seconds * 1000);
  refuse(name, `is no number of seconds from 0.01 to ${max}; ${fallback} is used`);
  return fallback * 1000;
}

function readPrices(text: string, refuse: Refuse): AiSettings["prices"] {
  if (text === "") return {};
  try {
    return PricesSchema.parse(JSON.parse(text));
  } catch {
    refuse(
      "AI_PRICES",
      'is not JSON of the form {"model": {"prompt": 0.15, "completion": 0.6}}; no cost is told',
    );
    return {};
  }
}

/** One key for all endpoints, or one for each. */
function readEndpoints(
  urls: readonly string[],
  keys: readonly string[],
  { refuse }: { readonly refuse: Refuse },
): ModelEndpoint[] {
  if (keys.length > 1 && keys.length !== urls.length)
    refuse("AI_MODEL_API_KEY", "is neither one key nor as many as there are endpoints");
  return urls.flatMap((text, index) => {
    const base = baseUrlOf(text);
    if (base === null) {
      refuse("AI_MODEL_ENDPOINT", "has an item that is no http(s) URL without user and query");
      return [];
    }
    const apiKey = (keys.length > 1 ? keys[index] : keys[0]) ?? "";
    return [{ ...base, apiKey }];
  });
}

/** A base URL or the full one of its completions; a bare origin stands for its `/v1`, as servers of this kind have it. */
function baseUrlOf(text: string): Pick<ModelEndpoint, "baseUrl" | "chatUrl"> | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const isPlain =
    url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (!isPlain || !["http:", "https:"].includes(url.protocol)) return null;
  const path = url.pathname.replace(/\/+$/, "");
  if (path.endsWith("/completions"))
    return {
      baseUrl: url.origin + path.replace(/(?:\/chat)?\/completions$/, ""),
      chatUrl: url.origin + path,
    };
  const baseUrl = url.origin + (path === "" ? "/v1" : path);
  return { baseUrl, chatUrl: `${baseUrl}/chat/completions` };
}
