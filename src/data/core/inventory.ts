/**
 * Every place that keeps anything, what it keeps, of whom, for how long, how its person gets it, and how it goes when they want it gone. A test holds this
 * against what the migrations, the objects and their storages really make: a place without an entry fails it.
 */
import type { RetentionSetting } from "#platform/retention-settings";
import { OBJECT_STORES } from "./inventory-objects";
import { notOfPeople } from "./store-entry";
import type { Store } from "./store-entry";

export type { Store } from "./store-entry";

const table = (
  name: string,
  holds: string,
  kept: string,
  section: string | { readonly not: string },
): Store => ({
  store: `d1:${name}`,
  holds,
  whose: "person",
  kept: kept.startsWith("RETENTION_") ? (kept as RetentionSetting) : { until: kept },
  exported: typeof section === "string" ? { section } : section,
  erased: "records",
});

const D1_STORES: readonly Store[] = [
  table(
    "users",
    "e-mail, name, password as an argon2id string, role, quotas",
    "it is erased",
    "account",
  ),
  table("profiles", "what a person tells of themselves", "it is erased", "profile"),
  table("settings", "how a person wants things", "it is erased", "settings"),
  table("oauth_identities", "accounts at providers", "it is unlinked", "identities"),
  table("api_keys", "the index of keys, without hashes", "RETENTION_KEYS", "api_keys"),
  table("oauth_clients", "clients of the token endpoint", "RETENTION_KEYS", "oauth_clients"),
  table(
    "webhook_secrets",
    "sealed secrets of webhooks",
    "its overlap has ended",
    "webhook_secrets",
  ),
  table("reset_links", "hashes of links that set a password", "it has expired", {
    not: "whoever knows one can set a password",
  }),
  table("tasks", "the index of tasks", "the task's result_ttl", {
    not: "its tasks are told from their shards, with all of it",
  }),
  table("scripts", "scripts that a person wrote", "it is deleted; its number stays", "scripts"),
  table("conversations", "titles and modes", "RETENTION_CONVERSATIONS", "conversations"),
  table("messages", "what was said", "RETENTION_CONVERSATIONS", "messages"),
  table("history", "what was asked and answered", "RETENTION_HISTORY", "history"),
  table("feedback", "what a person thinks of answers", "RETENTION_FEEDBACK", "feedback"),
  table("usage", "what answers used", "RETENTION_USAGE", "usage"),
  table("request_counts", "calls by day and key", "RETENTION_USAGE", "request_counts"),
  table("rooms", "the index of rooms", "the room is deleted", "owned_rooms"),
  table("room_members", "the index of members", "the member leaves", "rooms"),
  {
    store: "d1:audit",
    holds: "who did what to whom, from which address",
    whose: "person",
    kept: "RETENTION_AUDIT",
    exported: { section: "audit" },
    // The entry stays, for it tells of others and of the server too; from here on it does not say who it was.
    erased: "audit",
  },
  {
    store: "d1:erasures",
    holds: "the ids of people who are erased, so that nothing of theirs is written any more",
    whose: "person",
    kept: { until: "eight days after the erasure" },
    exported: { not: "there is none of whoever can ask" },
    erased: { not: "it keeps late writers out; the id stands nowhere else then" },
  },
  notOfPeople("d1:audit_expiry", "up to when the audit log may be deleted", "always: one row"),
  notOfPeople("d1:used_signins", "hashes of sign-ins that have come back", "they have expired"),
  notOfPeople("d1:upstreams", "the operator's own services, secrets sealed", "they are deleted"),
  notOfPeople("d1:d1_migrations", "which migrations were applied", "always"),
];

const KV_STORES: readonly Store[] = [
  {
    store: "kv:answer:",
    holds: "answers of models, by owner",
    whose: "person",
    kept: { until: "CACHE_TTL" },
    exported: {
      not: "copies of what history and messages tell; asked for again, they are made again",
    },
    erased: "answers",
  },
  {
    store: "kv:page:1:",
    holds: "pages that an owner's scrapes fetched",
    whose: "person",
    kept: { until: "as the site says, at most seven days" },
    exported: { not: "copies of pages of others" },
    erased: "pages",
  },
  notOfPeople("kv:robots:", "robots.txt of sites", "a day at most", "site"),
];

/** The platform's own cache. */
const CACHE_STORES: readonly Store[] = [
  notOfPeople(
    "cache:answers.naru.invalid",
    "answers of upstreams that are the same for everybody",
    "as the upstream says, at most its cache seconds",
    "site",
  ),
];

export const STORES: readonly Store[] = [
  ...D1_STORES,
  ...OBJECT_STORES,
  ...KV_STORES,
  ...CACHE_STORES,
];
