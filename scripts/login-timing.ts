/**
 * Asks a running server whether the time of a refused login tells if an account exists: `npm run login:timing --
 * [URL]`. Sixty tries, known and unknown names in turn, each from an address of its own; prints the area under the curve
 * of telling them apart by time alone. 0.5 is chance; outside 0.35 to 0.65 it ends with an error.
 */
import { performance } from "node:perf_hooks";

const USAGE = `npm run login:timing -- [URL]

Asks a running server of your own whether the time of a refused login tells if an account exists. It registers some
accounts there, so it is not for production. URL: http://localhost:8787 where it is not said.`;

const [argument = "http://localhost:8787"] = process.argv.slice(2);
const isUrl = /^https?:/.test(argument) && URL.canParse(argument);
if (!isUrl || process.argv.length > 3) {
  const isHelp = argument === "--help" || argument === "-h";
  console.log(isHelp ? USAGE : `${argument} is no URL of a server.\n\n${USAGE}`);
  process.exit(isHelp ? 0 : 2);
}
const url = argument.replace(/\/+$/, "");
const TRIES = 60;
const WARM_UP = 6;
/** Below the failures after which a name has to wait. */
const TRIES_A_NAME = 3;
const run = Date.now().toString(36);
let calls = 0;

async function post(path: string, body: object): Promise<{ status: number; ms: number }> {
  calls++;
  const startedAt = performance.now();
  const response = await send(path, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      // Taken by a local server only; it keeps one address from using up its tries.
      "CF-Connecting-IP": `2001:db8:${(calls % 65_536).toString(16)}:${(Date.now() % 65_536).toString(16)}::1`,
    },
    body: JSON.stringify(body),
  });
  await response.arrayBuffer();
  return { status: response.status, ms: performance.now() - startedAt };
}

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(`${url}${path}`, init);
  } catch {
    console.log(`${url} does not answer. Is a server running there?`);
    return process.exit(2);
  }
}

/** The chance that a known name's try takes longer than an unknown one's. */
function areaUnderCurve(known: readonly number[], unknown: readonly number[]): number {
  let wins = 0;
  for (const a of known) for (const b of unknown) wins += a > b ? 1 : a === b ? 0.5 : 0;
  return wins / (known.length * unknown.length);
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

const times = { known: [] as number[], unknown: [] as number[] };
for (let i = 0; i < TRIES + WARM_UP; i++) {
  const kind = i % 2 === 0 ? "known" : "unknown";
  const email = `${kind}-${run}-${Math.floor(i / 2 / TRIES_A_NAME)}@timing.test`;
  if (kind === "known" && Math.floor(i / 2) % TRIES_A_NAME === 0) {
    const made = await post("/api/v1/auth/register", {
      email,
      name: "Timing",
      password: "a password for timing",
    });
    if (made.status !== 201) throw new Error(`registering answered ${made.status}`);
  }
  const { status, ms } = await post("/api/v1/auth/login", { email, password: "another password" });
  if (status !== 401) throw new Error(`a login answered ${status}`);
  if (i >= WARM_UP) times[kind].push(ms);
}

const area = areaUnderCurve(times.known, times.unknown);
console.log(`known   ${times.known.length} tries, median ${median(times.known).toFixed(1)} ms`);
console.log(`unknown ${times.unknown.length} tries, median ${median(times.unknown).toFixed(1)} ms`);
console.log(`area under the curve ${area.toFixed(3)} (0.35 to 0.65 tells nothing)`);
process.exitCode = area >= 0.35 && area <= 0.65 ? 0 : 1;
