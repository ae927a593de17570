/** What a model reads of a conversation. */
export interface Said {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** A message as it is kept. */
export interface KeptMessage {
  readonly id: string;
  readonly role: string;
  readonly content: string;
  readonly status: string;
  /** Of an answer: the message that it answers. */
  readonly replyTo: string | null;
}

/** A question and its answer. */
export type Turn = readonly [Said, Said];

/**
 * What was asked and answered, oldest first. A question whose answer failed or is still being written is left out with it: a model that reads
 * it would answer it in place of the new one.
 */
export function turnsOf(messages: readonly KeptMessage[]): Turn[] {
  const questions = new Map(
    messages.filter(({ role }) => role === "user").map((message) => [message.id, message]),
  );
  return messages.flatMap((answer): Turn[] => {
    if (answer.role !== "assistant" || answer.status !== "complete") return [];
    const question = questions.get(answer.replyTo ?? "");
    if (question === undefined) return [];
    return [
      [
        { role: "user", content: question.content },
        { role: "assistant", content: answer.content },
      ],
    ];
  });
}

export interface Window {
  /** Kept whatever the budget. */
  readonly system: string;
  readonly turns: readonly Turn[];
  /** The new message; kept whatever the budget. */
  readonly question: string;
  /** Tokens of the whole prompt. */
  readonly budget: number;
  readonly sizeOf: (messages: readonly Said[]) => number;
}

/**
 * The prompt of the next answer: as many of the latest turns as fit, whole ones and without a gap, so that no answer stands there without
 * its question. The oldest go first.
 */
export function fitWindow({ system, turns, question, budget, sizeOf }: Window): Said[] {
  const head: Said = { role: "system", content: system };
  const tail: Said = { role: "user", content: question };
  let left = budget - sizeOf([head, tail]);
  let from = turns.length;
  for (; from > 0; from--) {
    const turn = turns[from - 1];
    if (turn === undefined) break;
    left -= sizeOf(turn);
    if (left < 0) break;
  }
  return [head, ...turns.slice(from).flat(), tail];
}
