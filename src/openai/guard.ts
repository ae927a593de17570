import type { MiddlewareHandler } from "hono";
import type { AppEnv, ErrorShape } from "#http/context";
import { isFinal, openAiError, openAiStatus } from "./core/error-shape";

const SHAPE: ErrorShape = {
  contentType: "application/json",
  present: (problem) => {
    const code = String(problem["code"]);
    return {
      status: openAiStatus(code, Number(problem["status"])),
      body: openAiError(problem),
      ...(isFinal(code) ? { headers: { "X-Should-Retry": "false" } } : {}),
    };
  },
};

/** Makes every refusal under its paths one in OpenAI's shape, whoever refuses: to stand before all that may. */
export const speakOpenAi: MiddlewareHandler<AppEnv> = async function speakOpenAi(c, next) {
  c.set("errorShape", SHAPE);
  await next();
};
