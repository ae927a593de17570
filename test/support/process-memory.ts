/** What a process holds in memory, on Linux, which tells it. */
import { readdirSync, readFileSync } from "node:fs";

/** The workerd that this process started last, or null where the system does not tell. */
export function workerdOf(parent: number): number | null {
  try {
    const children = readdirSync("/proc").filter(
      (name) => /^\d+$/.test(name) && isChild(name, parent),
    );
    return Number(children.at(-1) ?? 0) || null;
  } catch {
    return null;
  }
}

/** Resident memory in MiB. */
export function residentMib(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1] ?? 0) / 1024;
}

function isChild(pid: string, parent: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name stands in brackets and may hold anything; behind it the state, then the parent.
    const [, name = "", ppid = ""] = /\((.*)\) \S (\d+) /.exec(stat) ?? [];
    return name.startsWith("workerd") && Number(ppid) === parent;
  } catch {
    return false;
  }
}
