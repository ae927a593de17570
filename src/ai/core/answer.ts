import type { JsonObject, JsonValue } from "#platform/json-value";
import type { ModelEvent, ModelFailure, Usage } from "./port";

/** An answer that came to its end. */
export interface Answer {
  readonly text: string;
  /** Whole tool calls in OpenAI's shape, without `index`. */
  readonly toolCalls: readonly JsonObject[];
  readonly finishReason: string;
  readonly usage: Usage;
  readonly model: string;
}

export type Outcome =
  | { readonly ok: true; readonly answer: Answer }
  /** `text` is what came before the failure. */
  | { readonly ok: false; readonly failure: ModelFailure; readonly text: string };

/** Puts an answer together from its events. */
export class AnswerBuilder {
  #text = "";
  #outcome: Outcome | null = null;
  #model: string | null = null;
  readonly #calls: JsonObject[] = [];
  #callChars = 0;

  get text(): string {
    return this.#text;
  }

  /** The model that began to answer; null where none has. */
  get model(): string | null {
    return this.#model;
  }

  /** Characters of the answer so far, tool calls included, for what has to bound or count it. */
  get weight(): number {
    return this.#text.length + this.#callChars;
  }

  /** Null until the end. */
  get outcome(): Outcome | null {
    return this.#outcome;
  }

  /** The text of which tokens are counted where the provider does not tell. */
  get countedText(): string {
    return this.#calls.length === 0 ? this.#text : this.#text + JSON.stringify(this.#calls);
  }

  add(event: ModelEvent): void {
    switch (event.type) {
      case "start":
        this.#model = event.model;
        return;
      case "delta":
        this.#text += event.text;
        return;
      case "tool":
        for (const call of event.calls) this.#addCall(call);
        return;
      case "done": {
        const { finishReason, usage, model } = event;
        const toolCalls = this.#calls.filter(Boolean);
        this.#outcome = {
          ok: true,
          answer: { text: this.#text, toolCalls, finishReason, usage, model },
        };
        return;
      }
      case "error": {
        const { type: _type, ...failure } = event;
        this.#outcome = { ok: false, failure, text: this.#text };
        return;
      }
    }
  }

  /** A later piece of a call brings more of its arguments; everything else came with the first. */
  #addCall(piece: JsonValue): void {
    if (!isObject(piece)) return;
    this.#callChars += JSON.stringify(piece).length;
    const { index, ...call } = piece;
    const at = typeof index === "number" && index >= 0 && index < 1000 ? index : this.#calls.length;
    const known = this.#calls[at];
    if (known === undefined) {
      this.#calls[at] = call;
      return;
    }
    const before = known["function"];
    const more = call["function"];
    if (!isObject(before) || !isObject(more)) return;
    before["arguments"] = `${textOf(before["arguments"])}${textOf(more["arguments"])}`;
  }
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const textOf = (value: JsonValue | undefined): string => (typeof value === "string" ? value : "");
