-- Tasks that were given up and can be tried anew, newest end first. Few of all tasks: the index holds only them.
CREATE INDEX tasks_dead ON tasks (completed_at DESC, id DESC) WHERE is_dead = 1;
