import type { MiddlewareHandler } from "hono";
import type { ConfigIssue } from "#platform/config";
import { ApiError } from "#platform/errors";
import type { AppEnv } from "#http/context";

/** Answers that the process lives, whatever its settings: a restart would not mend them. */
const LIVENESS_PATH = "/health/live";

const isCritical = ({ severity }: ConfigIssue): boolean => severity === "critical";

/**
 * Serves nothing while a setting is unsafe: a server with a missing or weak secret must not look as if it
 * worked. The answer names the settings and never a value.
 */
export const settingsGuard: MiddlewareHandler<AppEnv> = async function requireSafeSettings(
  c,
  next,
) {
  const { issues } = c.get("config");
  if (issues.some(isCritical) && c.req.path !== LIVENESS_PATH) {
    const faults = issues.filter(isCritical);
    c.get("logFields")["settings"] = faults
      .map(({ setting, message }) => `${setting} ${message}`)
      .join("; ");
    throw new ApiError("MISCONFIGURED", {
      params: { settings: [...new Set(faults.map(({ setting }) => setting))].join(", ") },
      headers: { "Retry-After": "60" },
    });
  }
  await next();
};
