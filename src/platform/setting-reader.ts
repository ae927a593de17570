import type { ConfigIssue } from "#platform/config";

/** How the settings of one environment are read: what is faulty goes to `issues`, and a fallback is used. */
export interface SettingReader {
  readonly text: (name: string) => string;
  readonly list: (name: string) => string[];
  readonly flag: (name: string, fallback: boolean) => boolean;
  readonly integer: (name: string, fallback: number, min: number, max: number) => number;
  readonly choice: <const T extends string>(
    name: string,
    choices: readonly T[],
    fallback: NoInfer<T>,
  ) => T;
}

export function settingReader(env: Record<string, unknown>, issues: ConfigIssue[]): SettingReader {
  const text = (name: string): string => {
    const value = env[name];
    return typeof value === "string" ? value.trim() : "";
  };
  const refuse = (setting: string, message: string): void => {
    issues.push({ severity: "error", setting, message });
  };
  return {
    text,
    list: (name) =>
      text(name)
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== ""),
    flag: (name, fallback) => {
      const value = text(name).toLowerCase();
      if (value === "") return fallback;
      if (["1", "true", "yes", "on"].includes(value)) return true;
      if (!["0", "false", "no", "off"].includes(value)) refuse(name, "is not a yes or no (1 or 0)");
      return false;
    },
    integer: (name, fallback, min, max) => {
      const value = text(name);
      if (value === "") return fallback;
      const number = Number(value);
      if (Number.isInteger(number) && number >= min && number <= max) return number;
      refuse(name, `is not a whole number from ${min} to ${max}; ${fallback} is used`);
      return fallback;
    },
    choice: (name, choices, fallback) => {
      const value = text(name).toLowerCase();
      if (value === "") return fallback;
      const found = choices.find((choice) => choice === value);
      if (found === undefined)
        refuse(name, `is none of ${choices.join(", ")}; ${fallback} is used`);
      return found ?? fallback;
    },
  };
}
