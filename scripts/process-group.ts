/** Looks at and ends the processes of one `wrangler dev`: wrangler, and the workerd processes under it. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const POLL_MS = 100;
/** How often a process that is ending is looked at before it is given up: 5 s in all. */
export const ENDING_POLLS = 50;

/** Whether a process runs; with a negative number, whether any of that group does. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Whether the process was started with `name`: numbers are used again. Where /proc is missing, it is believed. */
export function isNamed(pid: number, name: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(name);
  } catch {
    return process.platform !== "linux";
  }
}

/** The workerd processes of a group; none where the machine has no `ps`. */
export function workerdOf(group: number): number[] {
  const listing = spawnSync("ps", ["-eo", "pid=,pgid=,comm="], { encoding: "utf8" });
  if (listing.status !== 0) return [];
  return listing.stdout
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, pgid, command]) => pgid === String(group) && /(?:^|\/)workerd/.test(command ?? ""))
    .map(([pid]) => Number(pid));
}

/** Ends a whole group: asks, then insists after 5 s. */
export async function endGroup(group: number): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    try {
      process.kill(-group, signal);
    } catch {
      return;
    }
    for (let i = 0; i < ENDING_POLLS && isAlive(-group); i++) await pause();
  }
}

export function pause(ms = POLL_MS): Promise<void> {
  return new Promise((wake) => {
    setTimeout(wake, ms);
  });
}
