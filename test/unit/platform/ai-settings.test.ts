import { describe, expect, test } from "vitest";
import { readConfig } from "#platform/config";

const read = (env: object) => {
  const { ai, issues } = readConfig({ ...env });
  return { ai, faults: issues.filter(({ setting }) => setting.startsWith("AI_")) };
};
const openai = (endpoint: string, more: object = {}) =>
  read({ AI_PROVIDER: "openai", AI_MODEL: "m", AI_MODEL_ENDPOINT: endpoint, ...more });

describe("the address of a model's server", () => {
  test.each([
    ["http://localhost:11434", "http://localhost:11434/v1"],
    ["http://localhost:11434/", "http://localhost:11434/v1"],
    ["https://api.example.com/v1", "https://api.example.com/v1"],
    ["https://api.example.com/v1/", "https://api.example.com/v1"],
    ["https://api.example.com/v1/chat/completions", "https://api.example.com/v1"],
    ["https://api.example.com/openai/completions", "https://api.example.com/openai"],
  ])("may be %s", (endpoint, baseUrl) => {
    const { ai, faults } = openai(endpoint);
    expect(faults).toEqual([]);
    expect(ai.endpoints).toMatchObject([{ baseUrl, apiKey: "" }]);
  });

  test("is called as it stands where it is that of the completions", () => {
    expect(openai("https://a.example/x/chat/completions").ai.endpoints[0]?.chatUrl).toBe(
      "https://a.example/x/chat/completions",
    );
    expect(openai("https://a.example/x").ai.endpoints[0]?.chatUrl).toBe(
      "https://a.example/x/chat/completions",
    );
  });

  test.each([
    "nonsense",
    "ftp://a.example/v1",
    "https://me:pw@a.example/v1",
    "https://a.example/v1?k=1",
  ])("may not be %s", (endpoint) => {
    const { ai, faults } = openai(endpoint);
    expect(ai.endpoints).toEqual([]);
    expect(faults).toMatchObject([{ setting: "AI_MODEL_ENDPOINT", severity: "error" }]);
    expect(JSON.stringify(faults)).not.toContain("pw");
  });
});

test("one key serves all servers, as many keys as servers one each, and any other number is a fault", () => {
  const two = "http://a.example,http://b.example";
  const keys = (text: string) => openai(two, { AI_MODEL_API_KEY: text });
  expect(keys("k").ai.endpoints.map(({ apiKey }) => apiKey)).toEqual(["k", "k"]);
  expect(keys("k,l").ai.endpoints.map(({ apiKey }) => apiKey)).toEqual(["k", "l"]);
  expect(keys("k,l,m").faults).toMatchObject([{ setting: "AI_MODEL_API_KEY" }]);
});

test("the first model is the deployment's choice, the others may be named, and a star lets any be named", () => {
  expect(openai("http://a.example", { AI_MODEL: "a, b" }).ai).toMatchObject({
    models: ["a", "b"],
    isAnyModelAllowed: false,
  });
  expect(openai("http://a.example", { AI_MODEL: "a,*" }).ai).toMatchObject({
    models: ["a"],
    isAnyModelAllowed: true,
  });
});

test.each([
  ["a server", { AI_PROVIDER: "openai", AI_MODEL: "m" }, "AI_MODEL_ENDPOINT"],
  ["a model", { AI_PROVIDER: "openai", AI_MODEL_ENDPOINT: "http://a.example" }, "AI_MODEL"],
  ["the binding", { AI_PROVIDER: "workers-ai", AI_MODEL: "m" }, "AI_PROVIDER"],
])("a provider without %s that it needs is a fault of the settings", (_what, env, setting) => {
  expect(read(env).faults).toMatchObject([{ setting, severity: "error" }]);
});

test("the embedded provider needs nothing", () => {
  expect(read({}).faults).toEqual([]);
  expect(read({}).ai.provider).toBe("embedded");
});

test("times are seconds with decimals; what is none is told and replaced", () => {
  expect(read({ AI_IDLE_TIMEOUT: "0.25" }).ai.idleTimeoutMs).toBe(250);
  for (const text of ["0", "-1", "x", "1e9", "NaN"]) {
    const { ai, faults } = read({ AI_IDLE_TIMEOUT: text });
    expect(ai.idleTimeoutMs).toBe(20_000);
    expect(faults).toMatchObject([{ setting: "AI_IDLE_TIMEOUT" }]);
  }
});

test("prices are JSON of a form; any other is told and none is charged", () => {
  const prices = '{"m": {"prompt": 0.15, "completion": 0.6}}';
  expect(read({ AI_PRICES: prices }).ai.prices).toEqual({ m: { prompt: 0.15, completion: 0.6 } });
  for (const text of ["{", '{"m": 1}', '{"m": {"prompt": -1, "completion": 1}}', "[]"]) {
    const { ai, faults } = read({ AI_PRICES: text });
    expect(ai.prices).toEqual({});
    expect(faults).toMatchObject([{ setting: "AI_PRICES" }]);
  }
});
