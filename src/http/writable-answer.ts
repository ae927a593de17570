import type { Context, MiddlewareHandler } from "hono";
import type { AppEnv } from "#http/context";

/**
 * The innermost middleware: what comes out of it has headers that the others can set, and whatever a
 * handler threw is an Error, which is all that Hono hands to the error mapper.
 */
export const writableAnswer: MiddlewareHandler<AppEnv> = async function makeWritable(c, next) {
  try {
    await next();
  } catch (thrown) {
    if (thrown instanceof Error) throw thrown;
    throw new Error("a value that is no Error was thrown", { cause: thrown });
  }
  writableHeaders(c);
};

/**
 * HEAD is served by the GET handler, and its headers are decided by all that decides those of a GET. Hono
 * drops the body at the very end without ending what feeds it: that is done here, once nobody looks at it.
 */
export const endUnreadBody: MiddlewareHandler<AppEnv> = async function endBodyOfHead(c, next) {
  await next();
  if (c.req.method === "HEAD" && c.res.body?.locked === false)
    c.res.body.cancel().catch(() => undefined);
};

/** The answer's headers, ready to be set; null for a WebSocket upgrade, whose headers belong to the runtime. */
export function writableHeaders(c: Context<AppEnv>): Headers | null {
  if (c.res.status === 101) return null;
  if (!isWritable(c.res.headers)) replaceAnswer(c, new Response(c.res.body, c.res));
  return c.res.headers;
}

/** An answer that came from `fetch` or from an object has immutable headers, and there is no way to ask but to try. */
function isWritable(headers: Headers): boolean {
  try {
    headers.delete("X-Request-Id");
    return true;
  } catch {
    return false;
  }
}

/** Sets the answer. Hono itself copies each header of the old answer to a new one, which undoes what was removed. */
export function replaceAnswer(c: Context<AppEnv>, answer: Response): void {
  (c as { res: Response | undefined }).res = undefined;
  c.res = answer;
}
