/** What wrangler prints, read: JSON amid other lines, what is missing, which release a Worker serves. */
import type { Ports, WranglerAnswer } from "./deployment-commands.ts";

/** The JSON of an output that may have a banner before it; null where there is none. */
export function parseJson(text: string): unknown {
  const from = text.search(/^[[{]/m);
  if (from < 0) return null;
  try {
    return JSON.parse(text.slice(from)) as unknown;
  } catch {
    return null;
  }
}

/** Whether a failure says that what was asked for is not there, rather than that it could not be asked for. */
export const wasMissing = ({ out, err }: WranglerAnswer): boolean =>
  /does not exist|not found|has no deployments|code: 10007\b/i.test(`${out}\n${err}`);

/** In a list of objects, the value of `wanted` where `key` is `value`. */
export function findId(list: unknown, key: string, value: string, wanted: string): string | null {
  if (!Array.isArray(list)) return null;
  const found = (list as readonly Readonly<Record<string, unknown>>[]).find(
    (item) => item[key] === value,
  );
  const id = found?.[wanted];
  return typeof id === "string" ? id : null;
}

export interface Version {
  readonly id: string;
  readonly createdOn: string;
  /** The release that it was deployed with; null where it had none. */
  readonly tag: string | null;
}

/** The versions of a Worker that can be deployed, the oldest first; null where there is no such Worker. */
export async function listVersions(
  worker: string,
  ports: Pick<Ports, "wrangler">,
): Promise<Version[] | null> {
  const answer = await ports.wrangler(["versions", "list", "--name", worker, "--json"]);
  if (!answer.isOk) return null;
  const versions = (parseJson(answer.out) ?? []) as {
    id: string;
    metadata?: { created_on?: string };
    annotations?: Readonly<Record<string, string>>;
  }[];
  return versions.map(({ id, metadata, annotations }) => ({
    id,
    createdOn: metadata?.created_on ?? "",
    tag: annotations?.["workers/tag"] ?? null,
  }));
}

/** The version that all requests reach; null where there is none, or several share them. */
export async function currentVersion(
  worker: string,
  ports: Pick<Ports, "wrangler">,
): Promise<string | null> {
  const answer = await ports.wrangler(["deployments", "status", "--name", worker, "--json"]);
  if (!answer.isOk) return null;
  const { versions = [] } = (parseJson(answer.out) ?? {}) as {
    versions?: { version_id: string; percentage: number }[];
  };
  return versions.find(({ percentage }) => percentage === 100)?.version_id ?? null;
}

/** The release that a Worker serves. */
export async function deployedTag(
  worker: string,
  ports: Pick<Ports, "wrangler">,
): Promise<string | null> {
  const current = await currentVersion(worker, ports);
  if (current === null) return null;
  const versions = await listVersions(worker, ports);
  return versions?.find(({ id }) => id === current)?.tag ?? null;
}
