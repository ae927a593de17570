/**
 * Counts what Cloudflare bills: requests to Workers and objects, rows that objects read and write, messages, KV and D1 operations. Put in front of a
 * deployed bundle's entry by `costs.ts`, which replaces the first import; not a line of the Worker itself is another.
 */
import * as deployed from "./entry.js";

const counts = {};
const cursors = [];
const add = (name, by = 1) => {
  if (by > 0) counts[name] = (counts[name] ?? 0) + by;
};

/** A row of a statement counts when its cursor has been read, so the cursors are looked at in the end. */
function meterStorage(storage) {
  const sql = Object.getPrototypeOf(storage.sql);
  if (sql.metered) return;
  sql.metered = true;
  const { exec } = sql;
  sql.exec = function (...statement) {
    const cursor = exec.apply(this, statement);
    cursors.push(cursor);
    return cursor;
  };
  const kv = Object.getPrototypeOf(storage.kv);
  for (const [method, name] of [
    ["get", "object rows read"],
    ["put", "object rows written"],
    ["delete", "object rows written"],
  ]) {
    const original = kv[method];
    kv[method] = function (...parts) {
      add(name);
      return original.apply(this, parts);
    };
  }
  const own = Object.getPrototypeOf(storage);
  for (const method of ["setAlarm", "deleteAlarm", "put"]) {
    const original = own[method];
    own[method] = function (...parts) {
      if (method !== "deleteAlarm") add("object rows written");
      return original.apply(this, parts);
    };
  }
}

const meterStub = (stub, name) =>
  new Proxy(stub, {
    get(target, method) {
      const value = Reflect.get(target, method);
      if (typeof method !== "string" || typeof value !== "function") return value;
      return (...parts) => {
        add("object requests");
        add(`  of ${name}`);
        // Not by apply: of a stub every property is a method of the object behind it.
        return target[method](...parts);
      };
    },
  });

const meterNamespace = (namespace, name) =>
  new Proxy(namespace, {
    get(target, method) {
      const value = Reflect.get(target, method);
      if (typeof value !== "function") return value;
      if (method === "get" || method === "getByName")
        return (...parts) => meterStub(value.apply(target, parts), name);
      return value.bind(target);
    },
  });

const meterQueue = (queue) => ({
  metrics: () => queue.metrics(),
  send: (...parts) => {
    add("messages");
    return queue.send(...parts);
  },
  sendBatch: (messages, ...rest) => {
    const all = [...messages];
    add("messages", all.length);
    return queue.sendBatch(all, ...rest);
  },
});

const meterKv = (kv) =>
  new Proxy(kv, {
    get(target, method) {
      const value = Reflect.get(target, method);
      if (typeof value !== "function") return value;
      return (...parts) => {
        add(method.startsWith("get") ? "KV reads" : "KV writes");
        return value.apply(target, parts);
      };
    },
  });

const meterResult = (result) => {
  add("D1 rows read", result.meta?.rows_read ?? 0);
  add("D1 rows written", result.meta?.rows_written ?? 0);
  return result;
};
const RAW = Symbol("raw");
const meterStatement = (statement) => ({
  [RAW]: statement,
  bind: (...values) => meterStatement(statement.bind(...values)),
  run: async () => meterResult(await statement.run()),
  all: async () => meterResult(await statement.all()),
  raw: (options) => statement.raw(options),
  first: async (column) => {
    const [row] = meterResult(await statement.all()).results;
    return column === undefined ? (row ?? null) : (row?.[column] ?? null);
  },
});
const meterDatabase = (database) => ({
  prepare: (sql) => meterStatement(database.prepare(sql)),
  batch: async (statements) =>
    (await database.batch(statements.map((one) => one[RAW]))).map(meterResult),
  exec: (sql) => database.exec(sql),
});

const metered = new WeakMap();
export function meterEnv(env) {
  const known = metered.get(env);
  if (known) return known;
  const own = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === null || typeof value !== "object") own[name] = value;
    else if (typeof value.idFromName === "function") own[name] = meterNamespace(value, name);
    else if (typeof value.sendBatch === "function") own[name] = meterQueue(value);
    else if (typeof value.prepare === "function") own[name] = meterDatabase(value);
    else if (typeof value.getWithMetadata === "function") own[name] = meterKv(value);
    else own[name] = value;
  }
  metered.set(env, own);
  return own;
}

export const meterClass = (Class) =>
  class extends Class {
    constructor(ctx, env) {
      meterStorage(ctx.storage);
      super(ctx, meterEnv(env));
    }
    alarm(...parts) {
      add("object requests");
      add("  of alarms");
      return super.alarm?.(...parts);
    }
  };

/** What was counted, and from zero again. */
function take() {
  for (const cursor of cursors.splice(0)) {
    add("object rows read", cursor.rowsRead);
    add("object rows written", cursor.rowsWritten);
  }
  const taken = { ...counts };
  for (const name of Object.keys(counts)) delete counts[name];
  return taken;
}

const { default: own } = deployed;
const handlers = {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname === "/__costs") return Response.json(take());
    add("Worker requests");
    return own.fetch(request, meterEnv(env), ctx);
  },
};
if (own.queue)
  handlers.queue = (batch, env, ctx) => {
    add("Worker requests");
    return own.queue(batch, meterEnv(env), ctx);
  };
if (own.scheduled)
  handlers.scheduled = (controller, env, ctx) => own.scheduled(controller, meterEnv(env), ctx);
// oxlint-disable-next-line import/no-default-export -- the runtime finds a Worker's handlers in its default export
export default handlers;
