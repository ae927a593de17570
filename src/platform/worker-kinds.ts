import * as z from "zod";
import type { ConfigIssue } from "#platform/config";
import { SCOPE_NAMES } from "#platform/scopes";
import type { Scope } from "#platform/scopes";

/** A kind of task that outside workers serve, as `WORKER_KINDS` states it. */
export interface WorkerKind {
  readonly title: string;
  /** What a submission of it needs. A kind of our own keeps its own. */
  readonly scope: Scope;
  /** Kinds of one pool can be served by the same worker. */
  readonly pool: string;
  /** Whether our own consumers leave the kind to outside workers; else whoever comes first runs a task. Means something for kinds of our own only. */
  readonly isAlone: boolean;
}

const NAME = /^[a-z][a-z0-9_.-]{0,63}$/;
/** As many as stay a list that a person keeps. */
const MAX_KINDS = 100;

const WorkerKindsSchema = z
  .record(
    z.string().regex(NAME),
    z.strictObject({
      title: z.string().min(1).max(200).default("Served by outside workers"),
      scope: z.enum(SCOPE_NAMES).default("tasks:write"),
      pool: z.string().regex(NAME).optional(),
      alone: z.boolean().default(true),
    }),
  )
  .refine((kinds) => Object.keys(kinds).length <= MAX_KINDS);

/**
 * The kinds in `text`, JSON of kind → `{title, scope, pool, alone}`. One fault and none of them is served: tasks of the others would wait
 * for workers that may not come. A kind without a pool has one of its own name.
 */
export function readWorkerKinds(
  text: string,
  issues: ConfigIssue[],
): Readonly<Record<string, WorkerKind>> {
  if (text === "") return {};
  try {
    const kinds = WorkerKindsSchema.parse(JSON.parse(text));
    return Object.fromEntries(
      Object.entries(kinds).map(([kind, { title, scope, pool = kind, alone }]) => [
        kind,
        { title, scope, pool, isAlone: alone },
      ]),
    );
  } catch {
    issues.push({
      severity: "error",
      setting: "WORKER_KINDS",
      message:
        'is not JSON of the form {"kind": {"title": "…", "scope": "tasks:write", "pool": "name"}}; no kind is served by outside workers',
    });
    return {};
  }
}
