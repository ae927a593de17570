import { AnswerSplitter } from "./answer-parts";

/** The events of a streamed answer: exactly these three members, `sequence` from 0 without a gap. */
export interface CodeEvent {
  readonly type: "start" | "code" | "explanation" | "done" | "error";
  readonly content: string;
  readonly sequence: number;
}

export type ModelSignal =
  | { readonly type: "delta"; readonly text: string }
  | { readonly type: "done"; readonly summary: string }
  | { readonly type: "error"; readonly message: string };

/** Makes the mapper of one stream: its first signal also gives `start`, which names the stream; its last one ends it. */
export function codeEvents(
  language: string,
  streamId: string,
): (signal: ModelSignal | null) => readonly CodeEvent[] {
  const splitter = new AnswerSplitter(language);
  let sequence = 0;
  return (signal) => {
    const events: CodeEvent[] = [];
    const add = (type: CodeEvent["type"], content: string): void => {
      events.push({ type, content, sequence: sequence++ });
    };
    if (sequence === 0) add("start", streamId);
    if (signal?.type === "delta")
      for (const part of splitter.add(signal.text)) add(part.type, part.content);
    if (signal?.type === "done" || signal?.type === "error")
      for (const part of splitter.end()) add(part.type, part.content);
    if (signal?.type === "done") add("done", signal.summary);
    if (signal?.type === "error") add("error", signal.message);
    return events;
  };
}
