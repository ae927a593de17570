/** The deliveries of a shard's ended tasks; an entry of the schema's migrations. */
export const DELIVERIES_SCHEMA = "SELECT 1";
