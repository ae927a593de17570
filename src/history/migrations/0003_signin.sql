-- Which sign-ins with a provider have come back already: each may once. Times are milliseconds since the epoch.

CREATE TABLE used_signins (
  -- SHA-256 of the attempt's state, hexadecimal.
  state_hash TEXT PRIMARY KEY,
  -- Until then it would be believed without this row; afterwards it is refused by its own age, and the row may go.
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX used_signins_by_expiry ON used_signins (expires_at);
