/** Refusals on the paths of OpenAI's API, read back into what this server calls them. */
import { expect } from "vitest";
import type { Endpoint } from "./openapi";

export const isOpenAi = ({ template }: Endpoint): boolean => template.startsWith("/v1/");

const OURS: Readonly<Record<string, string>> = {
  rate_limit_exceeded: "RATE_LIMITED",
  server_error: "INTERNAL",
};

/** The refusal in the answer, whose whole shape is checked, under the names that a problem document has for its members. */
export async function readOpenAiError(
  response: Response,
): Promise<{ readonly code: string; readonly error: string }> {
  expect(response.headers.get("content-type")).toBe("application/json");
  const body = await response.json<{ error: Record<string, unknown> }>();
  expect(Object.keys(body)).toEqual(["error"]);
  expect(body.error).toEqual({
    message: expect.any(String),
    type: expect.stringMatching(/^(?:invalid_request_error|rate_limit_error|server_error)$/),
    param: body.error["param"] === null ? null : expect.any(String),
    code: expect.stringMatching(/^[a-z0-9_]+$/),
  });
  const code = String(body.error["code"]);
  return { code: OURS[code] ?? code.toUpperCase(), error: String(body.error["message"]) };
}
