import { z } from "@hono/zod-openapi";
import { GATEWAY_SCOPE_TEXT, scopeSchema } from "#keys/schemas";
import { SCOPE_NAMES } from "#platform/scopes";
import { headerFault, isCheckPath, isPathPattern, readTargetUrl } from "./core/definition";
import type { HeaderFault, UrlFault } from "./core/definition";
import {
  HEALTH_CHECK_DEFAULTS,
  UPSTREAM_DEFAULTS,
  UPSTREAM_METHODS,
  UPSTREAM_NAME,
} from "./core/upstream";

const MAX_TARGETS = 32;
const MAX_PATHS = 100;
const MAX_HEADERS = 32;
const MAX_WEIGHT = 1_000;
const MAX_TIMEOUT_MS = 600_000;
const MAX_BODY = 536_870_912;

const URL_TEXTS: Readonly<Record<UrlFault, { readonly en: string; readonly ko: string }>> = {
  malformed: { en: "This is no absolute URL", ko: "절대 URL이 아닙니다" },
  scheme: { en: "Only http and https can be called", ko: "http와 https만 쓸 수 있습니다" },
  credentials: {
    en: "No name or password in the URL: put them in secret_headers",
    ko: "URL에 이름이나 비밀번호를 둘 수 없습니다. secret_headers에 넣으세요",
  },
  query: {
    en: "A base URL has no query and no fragment",
    ko: "기본 URL에는 쿼리와 프래그먼트를 둘 수 없습니다",
  },
  too_long: { en: "The URL is too long", ko: "URL이 너무 깁니다" },
  link_local: {
    en: "Link-local addresses cannot be called: a machine's own credentials are told there",
    ko: "링크 로컬 주소는 쓸 수 없습니다. 기기 자신의 자격 증명을 알려 주는 곳입니다",
  },
};

const HEADER_TEXTS: Readonly<Record<HeaderFault, { readonly en: string; readonly ko: string }>> = {
  name: { en: "This is no name of a header", ko: "헤더 이름이 아닙니다" },
  reserved: {
    en: "This header is the connection's or the gateway's own",
    ko: "연결이나 게이트웨이가 스스로 쓰는 헤더입니다",
  },
  belongs_sealed: {
    en: "A header of this name belongs in secret_headers",
    ko: "이 이름의 헤더는 secret_headers에 넣어야 합니다",
  },
  value: {
    en: "Values are visible ASCII of at most 8192 characters, without blanks at the ends",
    ko: "값은 양끝에 빈칸이 없는 8192자 이하의 보이는 ASCII입니다",
  },
};

const TargetUrlSchema = z
  .string()
  .superRefine((text, ctx) => {
    const read = readTargetUrl(text);
    if (read.ok) return;
    ctx.addIssue({ code: "custom", params: { code: read.error, ...URL_TEXTS[read.error] } });
  })
  .openapi({
    description:
      "http or https, perhaps with a base path, without name, password, query and fragment. It may be private; it may be neither link-local nor this deployment.",
    example: "https://billing.internal.example/v2",
  });

const TargetSchema = z
  .strictObject({
    url: TargetUrlSchema,
    weight: z.int().min(1).max(MAX_WEIGHT).optional().openapi({
      description:
        "The target's share of the calls among the healthy ones; 1 where it is not said.",
      example: 1,
    }),
  })
  .openapi("UpstreamTarget");

/** Two headers whose names differ in case alone would be one. */
const headersOf = <V extends z.ZodType<string | null>>(kind: "plain" | "secret", value: V) =>
  z.record(z.string(), value).superRefine((headers, ctx) => {
    const names = Object.keys(headers);
    const refuse = (path: string[], code: string, texts: { en: string; ko: string }): void =>
      ctx.addIssue({ code: "custom", path, params: { code, ...texts } });
    if (names.length > MAX_HEADERS)
      refuse([], "too_many", {
        en: `At most ${MAX_HEADERS} headers`,
        ko: `헤더는 ${MAX_HEADERS}개까지입니다`,
      });
    for (const [at, name] of names.entries()) {
      const fault = headerFault(name, headers[name] ?? null, kind);
      if (fault !== null) refuse([name], fault, HEADER_TEXTS[fault]);
      const isSecond = names.slice(0, at).some((own) => own.toLowerCase() === name.toLowerCase());
      if (isSecond)
        refuse([name], "duplicate", {
          en: "This header stands here twice",
          ko: "같은 헤더가 두 번 있습니다",
        });
    }
  });

const HealthCheckSchema = z
  .strictObject({
    path: z
      .string()
      .refine(isCheckPath, {
        params: {
          code: "invalid_path",
          en: "This is no absolute path, as a URL writes it",
          ko: "URL에 쓰는 절대 경로가 아닙니다",
        },
      })
      .openapi({
        description: "Asked with GET below the target's base path.",
        example: "/healthz",
      }),
    interval_seconds: z.int().min(1).max(3600).default(HEALTH_CHECK_DEFAULTS.intervalSeconds),
    timeout_ms: z.int().min(100).max(30_000).default(HEALTH_CHECK_DEFAULTS.timeoutMs),
    healthy_after: z.int().min(1).max(20).default(HEALTH_CHECK_DEFAULTS.healthyAfter).openapi({
      description: "Good checks in a row that bring a target back.",
    }),
    unhealthy_after: z.int().min(1).max(20).default(HEALTH_CHECK_DEFAULTS.unhealthyAfter).openapi({
      description: "Failures in a row, of checks or of calls, that take a target out.",
    }),
    expected_status: z.int().min(200).max(599).nullable().default(null).openapi({
      description: "The status of a good check; null takes any from 200 to 299.",
    }),
  })
  .refine((check) => check.timeout_ms <= check.interval_seconds * 1000, {
    path: ["timeout_ms"],
    params: {
      code: "too_long",
      en: "A check has to end before the next one begins",
      ko: "다음 검사가 시작하기 전에 끝나야 합니다",
    },
  })
  .openapi("UpstreamHealthCheck");

const FIELDS = {
  methods: z
    .array(z.enum(UPSTREAM_METHODS))
    .min(1)
    .refine((list) => new Set(list).size === list.length, {
      params: {
        code: "duplicate",
        en: "A method stands here twice",
        ko: "같은 메서드가 두 번 있습니다",
      },
    })
    .openapi({ description: "All of them where it is not said.", example: ["GET", "POST"] }),
  paths: z
    .array(
      z.string().refine(isPathPattern, {
        params: {
          code: "invalid_pattern",
          en: "A pattern is an absolute path; * stands alone in a segment",
          ko: "패턴은 절대 경로이고, *는 한 구간에 홀로 둡니다",
        },
      }),
    )
    .min(1)
    .max(MAX_PATHS)
    .openapi({
      description:
        "What may be asked for below the base path: whole paths, in which `*` as the last segment fits any rest and elsewhere one segment. Every path (`/*`) where it is not said.",
      example: ["/invoices/*", "/customers/*/balance"],
    }),
  add_headers: headersOf("plain", z.string()).openapi({
    description:
      "Set on each call, in place of what the caller sent under these names. No secrets: these values are shown.",
    example: { "x-tenant": "acme" },
  }),
  timeout_ms: z
    .int()
    .min(100)
    .max(MAX_TIMEOUT_MS)
    .openapi({
      description: `Milliseconds to the first byte of the answer, for each try; ${UPSTREAM_DEFAULTS.timeoutMs} where it is not said.`,
      example: UPSTREAM_DEFAULTS.timeoutMs,
    }),
  idle_timeout_ms: z
    .int()
    .min(1000)
    .max(3_600_000)
    .nullable()
    .openapi({
      description: `Milliseconds between two pieces of an answer's body; null for no bound, ${UPSTREAM_DEFAULTS.idleMs} where it is not said.`,
      example: UPSTREAM_DEFAULTS.idleMs,
    }),
  retries: z
    .int()
    .min(0)
    .max(5)
    .openapi({
      description: `Further tries, at another target where there is one, and only where trying again is safe; ${UPSTREAM_DEFAULTS.retries} where it is not said.`,
      example: UPSTREAM_DEFAULTS.retries,
    }),
  cache_seconds: z.int().min(0).max(86_400).openapi({
    description:
      "The longest that an answer is told again. Whether and how long, the answer's own headers say; this only shortens it. 0, as where it is not said, keeps none.",
    example: 0,
  }),
  health_check: HealthCheckSchema.nullable().openapi({
    description:
      "How targets are asked whether they are well while there is traffic. Null, as where it is not said: only calls tell.",
  }),
  scope: scopeSchema(SCOPE_NAMES, "gw:billing")
    .nullable()
    .openapi({
      description: `What callers' credentials must carry: a scope, or ${GATEWAY_SCOPE_TEXT}; \`gw\` carries all of those. Null lets in whoever shows a good credential. \`gw:\` and the upstream's name where it is not said.`,
    }),
  max_body_bytes: z
    .int()
    .min(0)
    .max(MAX_BODY)
    .openapi({
      description: `The largest request body; ${UPSTREAM_DEFAULTS.maxBodyBytes} where it is not said. The platform's plan may take less. Answers have no such bound.`,
      example: UPSTREAM_DEFAULTS.maxBodyBytes,
    }),
  enabled: z
    .boolean()
    .openapi({ description: "Switched off, it is unknown to callers.", example: true }),
};

const TargetsSchema = z
  .array(TargetSchema)
  .min(1)
  .max(MAX_TARGETS)
  .superRefine((targets, ctx) => {
    const urls = targets.map(({ url }) => {
      const read = readTargetUrl(url);
      return read.ok ? read.value : null;
    });
    for (const [at, url] of urls.entries())
      if (url !== null && urls.indexOf(url) < at)
        ctx.addIssue({
          code: "custom",
          path: [at, "url"],
          params: {
            code: "duplicate",
            en: "This target stands here twice",
            ko: "같은 대상이 두 번 있습니다",
          },
        });
  });

const SecretHeadersSchema = headersOf("secret", z.string().nullable()).openapi({
  description:
    "Set on each call, stored encrypted and never shown. Null keeps the value that is there; a name that is left out is removed. Where all of `secret_headers` is left out, they stay as they are.",
  example: { authorization: "Bearer 0a1b2c3d4e" },
});

const optional = <T extends Record<string, z.ZodType>>(fields: T) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, schema]) => [name, schema.optional()]),
  ) as unknown as { [K in keyof T]: z.ZodOptional<T[K]> };

const OPTIONAL_FIELDS = { ...optional(FIELDS), secret_headers: SecretHeadersSchema.optional() };

const NameSchema = z.string().regex(UPSTREAM_NAME).openapi({
  description: "What callers call it by: `/api/v1/gw/<name>/…`. It never changes.",
  example: "billing",
});

export const CreateUpstreamSchema = z
  .strictObject({ name: NameSchema, targets: TargetsSchema, ...OPTIONAL_FIELDS })
  .openapi("CreateUpstream");
export const ReplaceUpstreamSchema = z
  .strictObject({ targets: TargetsSchema, ...OPTIONAL_FIELDS })
  .openapi("ReplaceUpstream");
export const ChangeUpstreamSchema = z
  .strictObject({ targets: TargetsSchema.optional(), ...OPTIONAL_FIELDS })
  .openapi("ChangeUpstream");
/** What any of the three say: all of it optional. */
export type UpstreamChanges = z.infer<typeof ChangeUpstreamSchema>;
