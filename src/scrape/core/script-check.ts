/** The faults of a script that its form does not show, all at once: what would otherwise fail at every run. */
import type { FieldError } from "#platform/errors";
import { toPointer } from "#platform/faults";
import type { Locale } from "#platform/locale";
import { faultOfTemplate } from "./address-template";
import { faultsOfSchema } from "./parameters-check";
import type { LocalText } from "./script";
import type { PageStep, ScriptDefinition, ScriptField, ScriptFields } from "./script-definition";
import { normalizeVersion } from "./script-version";
import { SELECT_LIMITS } from "./select";
import { validateSelector } from "./select-validate";
import { faultOfTransform } from "./transforms";

type Path = readonly (string | number)[];

const say = (en: string, ko: string): LocalText => ({ en, ko });
const TEXTS = {
  version: say(
    "A version is written as 1.2.3 or 1.2.3-beta.1 (semver.org)",
    "버전은 1.2.3이나 1.2.3-beta.1처럼 씁니다(semver.org)",
  ),
  taken: say("This name is used by an earlier step", "앞 단계에서 이미 쓴 이름입니다"),
  twice: say("Pages are turned once only", "paginate는 한 번만 쓸 수 있습니다"),
  fields: say(
    `At most ${SELECT_LIMITS.fields} fields in all`,
    `항목은 모두 ${SELECT_LIMITS.fields}개까지입니다`,
  ),
  records: say(
    "Steps over values do not fit records: they belong to the fields inside",
    "값에 대한 단계는 레코드에 쓸 수 없습니다. 안쪽 항목에 쓰십시오",
  ),
  from: say(
    "It has to name a list with `all` and `fields`, and one of these fields",
    "`all`과 `fields`가 있는 목록과 그 안의 항목 이름이어야 합니다",
  ),
  rows: say("No step makes a list of this name", "이 이름의 목록을 만드는 단계가 없습니다"),
} as const;

/** Judges a definition of the right form; pointers are under `root`, texts in `locale`. An empty list is a good script. */
export function faultsOfScript(
  definition: ScriptDefinition,
  root: readonly string[],
  locale: Locale,
): FieldError[] {
  const check = new Check(locale);
  if (normalizeVersion(definition.version) === null)
    check.add([...root, "version"], "invalid_version", TEXTS.version);
  check.faults.push(...faultsOfSchema(definition.parameters, [...root, "parameters"], locale));
  const template = definition.steps[0]?.fetch ?? "";
  const fault = faultOfTemplate(template, definition.parameters);
  if (fault !== null) check.add([...root, "steps", 0, "fetch"], "invalid_address", fault);
  const lists = check.route(definition.steps, [...root, "steps"]);
  if (check.fields > SELECT_LIMITS.fields) check.add([...root, "steps"], "too_big", TEXTS.fields);
  const { rows } = definition.output;
  if (rows !== undefined && !lists.has(rows))
    check.add([...root, "output", "rows"], "unknown_list", TEXTS.rows);
  return check.faults;
}

class Check {
  readonly faults: FieldError[] = [];
  fields = 0;
  readonly #locale: Locale;

  constructor(locale: Locale) {
    this.#locale = locale;
  }

  add(path: Path, code: string, text: LocalText): void {
    this.faults.push({ pointer: toPointer(path), code, message: text[this.#locale] });
  }

  /** The steps of one page. Answers the names of the lists that they make. Follow steps nest two deep, so this recursion does. */
  route(steps: readonly PageStep[], path: Path): Set<string> {
    const names = new Set<string>();
    const lists = new Set<string>();
    const records = new Map<string, ScriptFields>();
    let paginates = 0;
    for (const [index, step] of steps.entries()) {
      const at = [...path, index];
      for (const [name, field] of Object.entries(step.extract ?? {})) {
        if (names.has(name)) this.add([...at, "extract", name], "duplicate_name", TEXTS.taken);
        names.add(name);
        const isRecordList = typeof field === "object" && field.all === true;
        if (isRecordList || (typeof field === "object" && field.table === true)) lists.add(name);
        if (isRecordList && field.fields !== undefined) records.set(name, field.fields);
      }
      this.#fields(step.extract ?? {}, [...at, "extract"], false);
      if (step.paginate !== undefined) {
        this.#selector(step.paginate.next, [...at, "paginate", "next"], false);
        if (++paginates > 1) this.add([...at, "paginate"], "duplicate_name", TEXTS.twice);
      }
    }
    for (const [index, { follow }] of steps.entries()) {
      if (follow === undefined) continue;
      const at = [...path, index, "follow"];
      if (follow.links !== undefined) {
        this.#selector(follow.links, [...at, "links"], false);
        if (names.has(follow.into)) this.add([...at, "into"], "duplicate_name", TEXTS.taken);
        names.add(follow.into);
        lists.add(follow.into);
      } else {
        const [list = "", field = ""] = follow.from?.split(".") ?? [];
        const record = records.get(list);
        if (record === undefined || !Object.hasOwn(record, field))
          this.add([...at, "from"], "unknown_list", TEXTS.from);
        else if (Object.hasOwn(record, follow.into))
          this.add([...at, "into"], "duplicate_name", TEXTS.taken);
      }
      this.route(follow.steps, [...at, "steps"]);
    }
    return lists;
  }

  #fields(fields: ScriptFields, path: Path, isNested: boolean): void {
    for (const [name, value] of Object.entries(fields)) {
      this.fields++;
      const at = [...path, name];
      const field: ScriptField = typeof value === "string" ? { selector: value } : value;
      this.#selector(
        field.selector,
        typeof value === "string" ? at : [...at, "selector"],
        isNested,
      );
      for (const [index, step] of (field.transforms ?? []).entries()) {
        const fault = faultOfTransform(step, this.#locale);
        if (fault !== null)
          this.faults.push({
            pointer: toPointer([...at, "transforms", index]),
            code: "invalid_pattern",
            message: fault,
          });
      }
      const isRecord = field.fields !== undefined || field.table === true;
      if (isRecord && field.transforms !== undefined)
        this.add([...at, "transforms"], "conflicting_fields", TEXTS.records);
      if (field.fields !== undefined) this.#fields(field.fields, [...at, "fields"], true);
    }
  }

  #selector(selector: string, path: Path, mayBeRelative: boolean): void {
    const checked = validateSelector(selector, mayBeRelative);
    if (!checked.ok) this.add(path, "invalid_selector", checked.error);
  }
}
