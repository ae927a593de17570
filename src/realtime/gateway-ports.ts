import { correlated } from "#platform/correlation";
import { ApiError } from "#platform/errors";
import { hasScope } from "#platform/principal";
import type { Principal } from "#platform/principal";
import { childOf, continuedTrace } from "#platform/trace-context";
import { cancelTask, DEFAULT_TIMEOUT_S, prepareSubmission, submitTask } from "#tasks/service";
import type { KindRegistry } from "#tasks/service";
import type { SocketIdentity } from "./core/attachment";
import type { GatewayPorts, TaskAnswer, TaskFrame } from "./core/gateway-ports";
import { admitGuest, readSocketToken } from "./service";

/** What the gateways' objects ask of this Worker. */
export const createGatewayPorts = (env: Env, kinds: KindRegistry): GatewayPorts => ({
  readToken: (token, before) => readSocketToken(env, token, before),
  admit: (token, before, address) => admitGuest(env, token, before, address),
  tasks: async (frame, identity) => {
    const asked = frame.type === "task.submit" ? frame.data.traceparent : undefined;
    const traceparent = continuedTrace(asked) ?? childOf(identity.traceparent);
    try {
      return await correlated({ traceparent }, () =>
        serveTask(env, kinds, frame, { ...identity, traceparent }),
      );
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { params = {}, errors, headers } = error.options;
      const retryAfterS = Number(headers?.["Retry-After"] ?? Number.NaN);
      return {
        ok: false,
        code: error.code,
        params,
        ...(errors && { errors }),
        ...(retryAfterS > 0 && { retryAfterMs: retryAfterS * 1000 }),
      };
    }
  },
});

/** The same scopes and the same rules as over HTTP. */
async function serveTask(
  env: Env,
  kinds: KindRegistry,
  { type, data }: TaskFrame,
  identity: SocketIdentity,
): Promise<TaskAnswer> {
  const principal = principalOf(identity);
  if (!hasScope(principal, "tasks:write"))
    throw new ApiError("INSUFFICIENT_SCOPE", { params: { scope: "tasks:write" } });
  if (type === "task.cancel") {
    const task = await cancelTask(env, data.task_id, identity.ownerId);
    return { ok: true, taskId: task.id, status: task.status };
  }
  const prepared = await prepareSubmission(
    { env, principal, locale: identity.locale, traceparent: identity.traceparent },
    {
      kinds,
      kind: data.kind,
      input: data.input,
      timeout: data.timeout ?? DEFAULT_TIMEOUT_S,
    },
    { input: ["data", "input"], options: ["data"] },
  );
  const { task } = await submitTask(
    env,
    { ...prepared, idempotencyKey: data.idempotency_key ?? null },
    0,
  );
  return { ok: true, taskId: task.id, status: task.status };
}

const principalOf = ({ ownerId, role, scopes, credential }: SocketIdentity): Principal => ({
  ownerId,
  role,
  scopes,
  keyId: "keyId" in credential ? credential.keyId : null,
  sessionId: "kind" in credential ? credential.sessionId : null,
});
