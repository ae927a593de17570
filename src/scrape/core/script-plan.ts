/** A script's steps as a plan for one page, and the plans of the pages that it leads to. */
import type {
  FollowStep,
  PageStep,
  ScriptDefinition,
  ScriptField,
  ScriptFields,
} from "./script-definition";

/** What a plan takes from the page itself: plain data, as it travels to whoever reads the page. */
export interface PagePlan {
  readonly fields: ScriptFields;
  readonly links: readonly LinkPlan[];
  readonly next: { readonly selector: string; readonly attribute: string } | null;
}
export interface LinkPlan {
  readonly into: string;
  readonly selector: string;
  readonly attribute: string;
  readonly sameSite: boolean;
  readonly limit: number;
}

/** All that is done from one page on. */
export interface Route {
  readonly page: PagePlan;
  readonly maxPages: number;
  readonly follows: readonly Follow[];
}
export interface Follow {
  readonly into: string;
  /** The field of an extracted list that has the addresses; null where the page's links are followed. */
  readonly from: { readonly list: string; readonly field: string } | null;
  readonly sameSite: boolean;
  readonly limit: number;
  readonly route: Route;
}

/** The steps of a page in the order in which they are carried out: values, further pages, then the pages behind links. */
export function planRoute(steps: readonly PageStep[]): Route {
  const fields: Record<string, string | ScriptField> = {};
  const follows: FollowStep[] = [];
  let paginate: NonNullable<PageStep["paginate"]> | null = null;
  for (const step of steps) {
    if (step.extract !== undefined) Object.assign(fields, step.extract);
    if (step.follow !== undefined) follows.push(step.follow);
    paginate ??= step.paginate ?? null;
  }
  const links = follows.flatMap(({ links: selector, into, attribute, same_site, limit }) =>
    selector === undefined ? [] : [{ into, selector, attribute, sameSite: same_site, limit }],
  );
  return {
    page: {
      fields,
      links,
      next: paginate && { selector: paginate.next, attribute: paginate.attribute },
    },
    maxPages: paginate?.limit ?? 1,
    follows: follows.map(planFollow),
  };
}

function planFollow(step: FollowStep): Follow {
  const [list = "", field = ""] = step.from?.split(".") ?? [];
  return {
    into: step.into,
    from: step.from === undefined ? null : { list, field },
    sameSite: step.same_site,
    limit: step.limit,
    route: planRoute(step.steps),
  };
}

/** The address template and the plan of a checked definition. */
export function planScript(definition: ScriptDefinition): {
  readonly address: string;
  readonly route: Route;
} {
  const [first, ...rest] = definition.steps;
  return { address: first?.fetch ?? "", route: planRoute(rest) };
}
