import * as fc from "fast-check";
import { expect, test } from "vitest";
import { newId } from "#platform/ids";
import { routingOf, shardName, shardOfTask } from "#tasks/core/task-id";
import { T0 } from "../../support/tasks";

test("an id leads to the shard that it was made for", () => {
  fc.assert(
    fc.property(fc.nat(255), (shard) => {
      const id = newId("task", T0, routingOf(shard));
      expect(shardOfTask(id, 256)).toBe(shard);
    }),
  );
});

test("ids sort by creation, whatever their shard", () => {
  const ids = [7, 0, 3].map((shard, i) => newId("task", T0 + i, routingOf(shard)));
  expect([...ids].sort()).toEqual(ids);
});

test("an id with a shard that does not exist is none, so that a made-up id reaches no object", () => {
  expect(shardOfTask(newId("task", T0, routingOf(8)), 8)).toBeNull();
  expect(shardOfTask(newId("task", T0, routingOf(7)), 8)).toBe(7);
});

test.each([
  "",
  "task_",
  "task_01kcm4v7d0",
  newId("task", T0),
  newId("conv", T0, routingOf(1)),
  newId("task", T0, routingOf(1)).toUpperCase(),
  `${newId("task", T0, routingOf(1))}x`,
  newId("task", T0, `1${routingOf(1).slice(1)}`),
  newId("task", T0, "0u0"),
  `task_${"0".repeat(10)}0../../../../../..`,
])("refuses %j as an id", (id) => {
  expect(shardOfTask(id, 8)).toBeNull();
});

test("every shard has a name of its own", () => {
  expect(new Set(Array.from({ length: 256 }, (_, shard) => shardName(shard))).size).toBe(256);
});
