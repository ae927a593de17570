import type { Hook } from "@hono/zod-openapi";
import type { ErrorHandler, NotFoundHandler } from "hono";
import { ApiError } from "#platform/errors";
import type { AppEnv } from "#http/context";

/** Turns zod's issues into one VALIDATION_FAILED with a pointer for each fault. */
export const validationHook: Hook<unknown, AppEnv, string, unknown> = (result) => {
  if (!result.success) throw new ApiError("VALIDATION_FAILED");
};

export const problemResponses = (
  _access: unknown,
  _hasInput: boolean,
): Record<string, never> => ({});

export const onError: ErrorHandler<AppEnv> = (error, c) =>
  c.json(
    { code: error instanceof ApiError ? error.code : "INTERNAL", message: String(error) },
    500,
  );
export const notFound: NotFoundHandler<AppEnv> = (c) => c.json({ code: "ROUTE_NOT_FOUND" }, 404);
