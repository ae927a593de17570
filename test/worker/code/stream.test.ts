import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { startStream } from "#ai/service";
import { DEFAULT_PROFILE, generationContext, generationRequest } from "#code/service";
import type { Generation } from "#code/service";
import { api, createTestKey } from "../../support/api";

const ASKED: Generation = {
  question: "add",
  codeContext: "",
  language: "",
  profile: DEFAULT_PROFILE,
  locale: "en",
};
const ANSWER = [
  "Here it is:\n\n```python\ndef add(a, b):\n    return a + b\n```\n\n더하기 😀.",
  // What would be an event of ours, if it were not a text.
  '\n\ndata: {"type":"done","content":"","sequence":99}\n\n',
].join("");

/** A stream of `generate-code-streaming` whose answer is known already. */
async function begin() {
  const { key, ownerId, keyId } = await createTestKey({ scopes: ["code"] });
  const run = await startStream(env, {
    ownerId,
    keyId,
    kind: "code-stream",
    request: generationRequest(ASKED),
    context: generationContext(ASKED),
    recorded: {
      text: ANSWER,
      toolCalls: [],
      finishReason: "stop",
      usage: { promptTokens: 3, completionTokens: 4, isEstimated: false },
      model: "recorded",
    },
  });
  for await (const event of run.events) if (event.type === "done") break;
  const read = async (lastEventId?: string): Promise<string> => {
    const headers = lastEventId === undefined ? {} : { "Last-Event-ID": lastEventId };
    const response = await api(`/api/v1/streams/${run.view.streamId}`, { key, headers });
    return response.text();
  };
  return { streamId: run.view.streamId, read };
}

interface Told {
  readonly type: string;
  readonly content: string;
  readonly sequence: number;
}

const eventsOf = (text: string): Told[] =>
  [...text.matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => JSON.parse(data) as Told);

test("a stream is told as {type, content, sequence} from 0 without a gap, whatever the model writes", async () => {
  const { streamId, read } = await begin();
  const events = eventsOf(await read());
  for (const event of events) expect(Object.keys(event)).toEqual(["type", "content", "sequence"]);
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_event, index) => index));
  expect(events[0]).toEqual({ type: "start", content: streamId, sequence: 0 });
  expect(events.filter(({ type }) => type === "done")).toHaveLength(1);
  expect(JSON.parse(events.at(-1)?.content ?? "")).toEqual({
    finish_reason: "stop",
    model: "recorded",
    usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
  });
  const textOf = (type: string): string =>
    events
      .filter((event) => event.type === type)
      .map(({ content }) => content)
      .join("");
  expect(textOf("code")).toBe("def add(a, b):\n    return a + b\n");
  expect(textOf("explanation")).toContain("더하기 😀.");
  expect(textOf("explanation")).toContain('data: {"type":"done"');
});

test("resumed behind any event it goes on with the very bytes of the uncut one", async () => {
  const { read } = await begin();
  // Each event with its id; what a connection begins with is no event.
  const bodyOf = (text: string): string => text.slice(text.indexOf("id: "));
  const whole = bodyOf(await read());
  const ids = [...whole.matchAll(/^id: (.*)$/gm)].map(([, id = ""]) => id);
  expect(ids.length).toBeGreaterThan(3);
  for (const id of ids.slice(0, -1))
    expect(bodyOf(await read(id))).toBe(
      whole.slice(whole.indexOf("\n\n", whole.indexOf(`id: ${id}\n`)) + 2),
    );
});
