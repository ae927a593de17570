import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse, stringify } from "yaml";
import { afterAll, describe, expect, test } from "vitest";
import { bucketsOf, definitionOf, isMetricName, METRICS } from "#platform/metric-table";
import { parsePromQl } from "../../support/promql";
import type { Selector } from "../../support/promql";

/** Rules, dashboard and runbook for operators, against the table of the metrics that there are. */

const FOLDER = join(import.meta.dirname, "..", "..", "..", "docs", "operate");
const read = (name: string): string => readFileSync(join(FOLDER, name), "utf8");

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}
const RULES = (
  parse(read("alerts.yml")) as { groups: readonly { rules: readonly Rule[] }[] }
).groups.flatMap(({ rules }) => rules);
const ALERTS = RULES.filter(({ alert }) => alert !== undefined).map((rule) => ({
  ...rule,
  alert: rule.alert ?? "",
}));

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}
const DASHBOARD = JSON.parse(read("grafana-dashboard.json")) as {
  readonly __inputs: readonly { readonly name: string; readonly type: string }[];
  readonly id: null;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly expr?: string }[] };
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly definition?: string }[];
  };
};

/** As Grafana sends it, for a time of six hours. */
const filledIn = (expr: string): string =>
  expr
    .replaceAll("$__rate_interval", "2m")
    .replaceAll("$__range", "6h")
    .replaceAll(/\$(deployment|route)\b/g, ".*");

const PANEL_QUERIES = DASHBOARD.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr, legendFormat }) => ({ title, expr: filledIn(expr), legendFormat })),
);
const DEFINED_QUERIES = DASHBOARD.templating.list.flatMap(({ name, definition }) => {
  const selector = /^label_values\((.+), \w+\)$/.exec(definition ?? "")?.[1];
  return selector === undefined
    ? []
    : [{ title: name, expr: filledIn(selector), legendFormat: "" }];
});
const ANNOTATION_QUERIES = DASHBOARD.annotations.list.flatMap(({ expr }) =>
  expr === undefined ? [] : [{ title: "annotation", expr: filledIn(expr), legendFormat: "" }],
);

const EVERYTHING = [
  ...RULES.map(({ record, alert, expr }) => ({ title: record ?? alert ?? "", expr })),
  ...PANEL_QUERIES,
  ...DEFINED_QUERIES,
  ...ANNOTATION_QUERIES,
];

/** What Prometheus itself puts on each series: by its configuration, and `up` by the scrape. */
const TARGET_LABELS = ["job", "instance", "deployment"];

/** The labels of a metric as the table or a recording rule has it; null where there is no such metric. */
function labelsOf(metric: string): readonly string[] | null {
  if (metric === "up") return TARGET_LABELS;
  const recorded = RULES.find(({ record }) => record === metric);
  if (recorded !== undefined)
    return parsePromQl(recorded.expr).groupings.flatMap(({ labels }) => labels);
  const base = metric.replace(/_(?:bucket|sum|count)$/, "");
  if (metric.endsWith("_bucket") && isMetricName(base) && bucketsOf(base).length > 0)
    return [...TARGET_LABELS, ...Object.keys(definitionOf(base).labels), "le"];
  if (!isMetricName(metric) || bucketsOf(metric).length > 0) return null;
  return [...TARGET_LABELS, ...Object.keys(definitionOf(metric).labels)];
}

/** The values of a matcher that the metric can never have. */
function impossibleValues({ metric, matchers }: Selector): string[] {
  const base = metric.replace(/_bucket$/, "");
  if (!isMetricName(base)) return [];
  return matchers.flatMap(({ label, op, value }) => {
    const allowed = definitionOf(base).labels[label];
    if (!Array.isArray(allowed)) return [];
    const wanted = op.includes("~") ? value.split("|") : [value];
    return wanted.filter((one) => !allowed.includes(one)).map((one) => `${metric} ${label} ${one}`);
  });
}

test.each(EVERYTHING)("$title asks for metrics, labels and values that there are", ({ expr }) => {
  const { selectors, groupings } = parsePromQl(expr);
  expect(selectors.length).toBeGreaterThan(0);
  for (const selector of selectors) {
    const labels = labelsOf(selector.metric);
    expect(labels, selector.metric).not.toBeNull();
    for (const { label } of selector.matchers) expect(labels, selector.metric).toContain(label);
    expect(impossibleValues(selector)).toEqual([]);
  }
  for (const { labels, selectors: beneath } of groupings)
    for (const label of labels)
      for (const { metric } of beneath) expect(labelsOf(metric), metric).toContain(label);
});

test("a name or a label that does not exist would be found", () => {
  expect(labelsOf("naru_request_total")).toBeNull();
  expect(labelsOf("naru_request_duration_seconds")).toBeNull();
  expect(labelsOf("naru_tasks_total_bucket")).toBeNull();
  expect(labelsOf("naru_tasks_total")).not.toContain("outcome");
  const [selector] = parsePromQl('naru_tasks_total{status=~"failed|lost"}').selectors;
  expect(selector && impossibleValues(selector)).toEqual(["naru_tasks_total status lost"]);
  expect(() => parsePromQl("sum by (")).toThrow();
});

test.each(ALERTS)("$alert says how grave it is, what happened and where to read on", (rule) => {
  const { severity } = rule.labels ?? {};
  expect(["page", "ticket", "info"]).toContain(severity);
  const { summary, description, runbook_url: runbook } = rule.annotations ?? {};
  expect(summary).toBeTruthy();
  expect(description).toBeTruthy();
  const [file, anchor] = runbook?.split("#") ?? [];
  expect(file).toBe("docs/operate/runbook.md");
  const headings = [...read("runbook.md").matchAll(/^## (.+)$/gm)].map(([, title]) =>
    title?.toLowerCase(),
  );
  expect(headings).toContain(anchor);
  const labels = parsePromQl(rule.expr).selectors.flatMap(({ metric }) => labelsOf(metric) ?? []);
  for (const [, label] of JSON.stringify(rule.annotations).matchAll(/\$labels\.(\w+)/g))
    expect(labels).toContain(label);
});

test("every alert is seen to fire in a test of the rules", () => {
  const fired = readdirSync(FOLDER)
    .filter((name) => name.endsWith(".test.yml"))
    .flatMap((name) => (parse(read(name)) as { tests: RuleTest[] }).tests)
    .flatMap(({ alert_rule_test: cases = [] }) => cases)
    .filter(({ exp_alerts: alerts }) => alerts.length > 0)
    .map(({ alertname }) => alertname);
  expect(new Set(fired)).toEqual(new Set(ALERTS.map(({ alert }) => alert)));
});

interface RuleTest {
  readonly alert_rule_test?: readonly {
    readonly alertname: string;
    readonly exp_alerts: readonly object[];
  }[];
}

describe("the dashboard", () => {
  const { panels } = DASHBOARD;

  test("imports without edits: its data source is asked for, and no id collides", () => {
    expect(DASHBOARD.id).toBeNull();
    expect(DASHBOARD.schemaVersion).toBeGreaterThanOrEqual(39);
    expect(DASHBOARD.__inputs).toMatchObject([{ name: "DS_PROMETHEUS", type: "datasource" }]);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { type, title, datasource } of panels)
      if (type !== "row") expect(datasource?.uid, title).toBe("${DS_PROMETHEUS}");
  });

  test("no panel lies on another or beyond the grid", () => {
    const taken = new Set<string>();
    for (const {
      title,
      gridPos: { x, y, w, h },
    } of panels) {
      expect(x + w, title).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column++)
        for (let line = y; line < y + h; line++) {
          expect(taken.has(`${column} ${line}`), title).toBe(false);
          taken.add(`${column} ${line}`);
        }
    }
  });

  test.each(PANEL_QUERIES)("$title names its lines by labels that its query leaves", (query) => {
    const { groupings, selectors } = parsePromQl(query.expr);
    const left = groupings.flatMap(({ labels }) => labels);
    const labels =
      left.length > 0 ? left : selectors.flatMap(({ metric }) => labelsOf(metric) ?? []);
    for (const [, label] of query.legendFormat.matchAll(/\{\{(\w+)\}\}/g))
      expect(labels).toContain(label);
  });

  test("shows every metric that there is", () => {
    const shown = new Set(
      PANEL_QUERIES.flatMap(({ expr }) => parsePromQl(expr).selectors).map(({ metric }) =>
        metric.replace(/_bucket$/, ""),
      ),
    );
    expect(Object.keys(METRICS).filter((name) => !shown.has(name))).toEqual([]);
  });
});

const hasPromtool = spawnSync("promtool", ["--version"]).status === 0;
const work = mkdtempSync(join(tmpdir(), "naru-promtool-"));
afterAll(() => rmSync(work, { recursive: true }));

const promtool = async (...args: string[]): Promise<string> => {
  const { stdout } = await promisify(execFile)("promtool", args);
  return stdout;
};

describe.skipIf(!hasPromtool)(
  "promtool (skipped where it is missing: apt-get install prometheus)",
  () => {
    test("takes the rules, and every query of the dashboard", async () => {
      const file = join(work, "dashboard.yml");
      const queries = [...PANEL_QUERIES, ...DEFINED_QUERIES, ...ANNOTATION_QUERIES];
      const rules = queries.map(({ expr }, i) => ({ record: `panel:${i}`, expr }));
      writeFileSync(file, stringify({ groups: [{ name: "dashboard", rules }] }));
      expect(await promtool("check", "rules", file)).toContain(`${queries.length} rules found`);
      const found = await promtool("check", "rules", "--lint-fatal", join(FOLDER, "alerts.yml"));
      expect(found).toContain(`${RULES.length} rules found`);
    });

    test("takes the configuration", async () => {
      const token = join(work, "token");
      writeFileSync(token, "token");
      const file = join(work, "prometheus.yml");
      const text = read("prometheus.yml")
        .replaceAll("/etc/prometheus/naru-token", token)
        .replace("- alerts.yml", `- ${join(FOLDER, "alerts.yml")}`);
      writeFileSync(file, text);
      expect(await promtool("check", "config", file)).toContain("SUCCESS");
    });

    test.concurrent.each(["alerts.test.yml", "alerts-days.test.yml"])("passes %s", async (name) => {
      expect(await promtool("test", "rules", join(FOLDER, name))).toContain("SUCCESS");
    });
  },
);
