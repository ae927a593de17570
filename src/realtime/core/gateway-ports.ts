import type { ErrorCode, ErrorParams } from "#platform/errors";
import type { Locale } from "#platform/locale";
import type { SocketIdentity } from "./attachment";
import type { ClientFrame } from "./frames";

/** What a gateway asks of the Worker that it lives in. */
export interface GatewayPorts {
  /** Who an access token is of, if it is good at this moment. */
  readonly readToken: (token: string, locale: Locale) => Promise<SocketIdentity | null>;
  /** Does what a frame asks of tasks: the frame to answer with, or the refusal. */
  readonly tasks: (frame: TaskFrame, identity: SocketIdentity) => Promise<TaskAnswer>;
}

export type TaskFrame = Extract<ClientFrame, { type: "task.submit" | "task.cancel" }>;

export type TaskAnswer =
  | { readonly ok: true; readonly taskId: string; readonly data: object }
  | {
      readonly ok: false;
      readonly code: ErrorCode;
      readonly params: ErrorParams;
      readonly retryAfterMs?: number;
    };
