import { pause } from "../../scripts/process-group.ts";

const CUT_AFTER_MS = 300;

/**
 * Reads a task's events over connections that are cut every 300 ms, resuming each time by what it saw last. Null where every event came once and in
 * order up to the end, else what was wrong.
 */
export async function follow(
  origin: () => string,
  key: string,
  taskId: string,
): Promise<string | null> {
  const seen: { id: number; name: string }[] = [];
  for (;;) {
    const last = seen.at(-1)?.id;
    try {
      const response = await fetch(`${origin()}/api/v1/tasks/${taskId}/events`, {
        headers: {
          "X-API-Key": key,
          ...(last === undefined ? {} : { "Last-Event-ID": `${last}` }),
        },
        signal: AbortSignal.timeout(CUT_AFTER_MS),
      });
      if (response.status === 204) return faultOf(taskId, seen);
      if (!response.ok || !response.body) {
        await pause(CUT_AFTER_MS);
        continue;
      }
      let text = "";
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        const blocks = text.split("\n\n");
        text = blocks.pop() ?? "";
        for (const block of blocks) {
          const id = /^id: (\d+)$/m.exec(block)?.[1];
          const name = /^event: (\w+)$/m.exec(block)?.[1];
          // The end of a stream that failed repeats the id that was seen last.
          if (id !== undefined && name !== undefined && name !== "error")
            seen.push({ id: Number(id), name });
        }
      }
    } catch {
      // Cut: by the clock, or by what happens to the server.
    }
  }
}

function faultOf(taskId: string, seen: readonly { id: number; name: string }[]): string | null {
  const ids = seen.map(({ id }) => id);
  if (ids.some((id, index) => id !== index + 1)) return `${taskId} saw ${ids.join(" ")}`;
  const names = seen.slice(-3).map(({ name }) => name);
  return names.join(" ") === "status result done" ? null : `${taskId} ended in ${names.join(" ")}`;
}
