/**
 * Tau Prolog assigns to names that it never declares, which a module, strict as all modules are, refuses. So they are declared here,
 * before the engine is loaded: import this first.
 */
const UNDECLARED = [
  "tau_file_system",
  "tau_user_input",
  "tau_user_output",
  "tau_user_error",
  "nodejs_file_system",
  "nodejs_user_input",
  "nodejs_user_output",
  "nodejs_user_error",
  "i",
  "indicator",
  "group",
  "num_token",
];

for (const name of UNDECLARED)
  if (!Object.hasOwn(globalThis, name))
    Object.defineProperty(globalThis, name, {
      value: undefined,
      writable: true,
      configurable: true,
    });
