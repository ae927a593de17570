-- When a waiting task may run, and how urgent its owner says it is; lists show both and are narrowed by kind.
ALTER TABLE tasks ADD COLUMN priority TEXT NOT NULL DEFAULT 'normal';
ALTER TABLE tasks ADD COLUMN not_before INTEGER;
CREATE INDEX tasks_by_kind ON tasks (owner_id, kind, id DESC);
