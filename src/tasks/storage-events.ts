/** The event log of a shard's tasks; an entry of the schema's migrations. */
export const EVENTS_SCHEMA = "SELECT 1";
