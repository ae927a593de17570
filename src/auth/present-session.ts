import { toTimestamp } from "#platform/clock";
import type { listSessions } from "./sessions";

/** A session as its person reads it, in the list and in the export: nothing of it opens anything. */
export const presentSession = (session: Awaited<ReturnType<typeof listSessions>>[number]) => ({
  id: session.sessionId,
  method: session.method,
  created_at: toTimestamp(session.createdAtMs),
  last_used_at: toTimestamp(session.lastUsedAtMs),
  expires_at: toTimestamp(session.expiresAtMs),
  address: session.address || null,
  user_agent: session.userAgent || null,
});
