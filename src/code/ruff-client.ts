/**
 * Ruff, compiled to WebAssembly, in one instance that is made anew whenever it fails. Its glue keeps one instance for ever:
 * a stack that overflowed inside of it would leave a stack pointer that never comes back, and every later call would
 * fail or, worse, read what the failed one left in memory.
 */
import { initSync, PositionEncoding, Workspace } from "@astral-sh/ruff-wasm-web";
import type { Diagnostic, InitOutput } from "@astral-sh/ruff-wasm-web";
import ruffModule from "@astral-sh/ruff-wasm-web/ruff_wasm_bg.wasm";
import type { JsonObject } from "#platform/json-value";

let instance: WebAssembly.Instance | null = null;
let imports: WebAssembly.Imports = {};
let workspaces = new Map<string, Workspace>();

const live = (): InitOutput => {
  if (instance === null) throw new Error("Ruff has no instance");
  return instance.exports as unknown as InitOutput;
};

/**
 * The glue asks whatever it took for the instance's exports at each call. What it is given here passes each question on
 * to the instance of the moment, so that another can take its place.
 */
function start(): void {
  const { Instance } = WebAssembly;
  const exportsOfTheMoment = new Proxy({}, { get: (_target, name) => Reflect.get(live(), name) });
  function capture(module: WebAssembly.Module, given: WebAssembly.Imports): object {
    imports = given;
    instance = new Instance(module, given);
    return { exports: exportsOfTheMoment };
  }
  // Synchronous from here to the end of the block: nobody else sees the stand-in.
  Reflect.set(WebAssembly, "Instance", capture);
  try {
    initSync({ module: ruffModule });
  } finally {
    Reflect.set(WebAssembly, "Instance", Instance);
  }
}

/** Puts a fresh instance in the place of one that failed. */
function restart(): void {
  for (const workspace of workspaces.values()) {
    try {
      // Takes it off the finaliser first, which would otherwise free its address in the new instance's memory.
      workspace.free();
    } catch {
      // The instance is beyond freeing; it is dropped whole.
    }
  }
  workspaces = new Map();
  // Detaches the views of the old memory that the glue keeps, so that it looks at the new one.
  live().memory.grow(0);
  instance = new WebAssembly.Instance(ruffModule, imports);
  live().__wbindgen_start();
}

/**
 * What Ruff says of code under some settings (`options` as in `ruff.toml`). Rows and columns count from 1, columns in UTF-16
 * units. Throws where the code is beyond it; the next call is as good as any.
 */
export function runRuff(code: string, options: JsonObject): readonly Diagnostic[] {
  if (instance === null) start();
  try {
    const key = JSON.stringify(options);
    const workspace = workspaces.get(key) ?? new Workspace(options, PositionEncoding.Utf16);
    workspaces.set(key, workspace);
    return workspace.check(code) as Diagnostic[];
  } catch (error) {
    restart();
    throw error;
  }
}
