import type { ErrorCode, ErrorParams, FieldError } from "#platform/errors";
import type { SocketIdentity } from "./attachment";
import type { ClientFrame } from "./frames";

/** What a gateway asks of the Worker that it lives in. */
export interface GatewayPorts {
  /** Who an access token is of, if it is good at this moment. */
  readonly readToken: (token: string, before: SocketIdentity) => Promise<SocketIdentity | null>;
  /** Whose credential a guest shows; one that is refused costs the guest's address a count, so that nobody tries them without end. */
  readonly admit: (token: string, before: SocketIdentity, address: string) => Promise<Admission>;
  /** Does what a frame asks of tasks: the frame to answer with, or the refusal. */
  readonly tasks: (frame: TaskFrame, identity: SocketIdentity) => Promise<TaskAnswer>;
}

export type TaskFrame = Extract<ClientFrame, { type: "task.submit" | "task.cancel" }>;

export type TaskAnswer =
  | { readonly ok: true; readonly taskId: string; readonly status: string }
  | {
      readonly ok: false;
      readonly code: ErrorCode;
      readonly params: ErrorParams;
      readonly errors?: readonly FieldError[];
      readonly retryAfterMs?: number;
    };

export type Admission =
  | { readonly ok: true; readonly identity: SocketIdentity }
  | { readonly ok: false; readonly isExpired: boolean };
