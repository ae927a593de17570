import { requireScope } from "#auth/guard";
import type { Access } from "#http/router";
import { equalTexts } from "#platform/bytes";
import { ApiError } from "#platform/errors";

/** Counts against no policy: a limit must not blind whoever watches over it. A wrong credential counts against its address all the same. */
const asAdmin = requireScope("admin", []);
const BEARER = /^bearer +(\S+)$/i;

/**
 * Whoever has the metrics token, which a scraper is given and which opens nothing else, or may do what administrators do. In
 * development anybody. Where the settings say that there are no metrics, there is no such route.
 */
export const METRICS_READERS: Access = {
  scope: null,
  policies: [],
  // By our own way of asking for a credential; what it may be besides is said here.
  isPublic: true,
  security: [{ bearerAuth: [] }, { apiKeyAuth: [] }, {}],
  guard: async function admitReader(c, next) {
    const { environment, metricsEnabled, metricsToken } = c.get("config");
    if (!metricsEnabled) throw new ApiError("ROUTE_NOT_FOUND");
    const shown = BEARER.exec(c.req.header("authorization") ?? "")?.[1];
    const isScraper = shown !== undefined && metricsToken !== "" && equalTexts(shown, metricsToken);
    if (isScraper || environment === "development") return next();
    return asAdmin.guard(c, next);
  },
};

const administrators = requireScope("admin");

/** Administrators, in every environment; and where there are no metrics, there is no such route. */
export const STATS_READERS: Access = {
  ...administrators,
  guard: async function admitAdministrator(c, next) {
    if (!c.get("config").metricsEnabled) throw new ApiError("ROUTE_NOT_FOUND");
    return administrators.guard(c, next);
  },
};
