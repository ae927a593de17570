import { pythonSeverity, ruffOptions } from "./core/python-rules";
import type { Check } from "./core/checks";
import type { Issue } from "./core/issue";
import { SYNTAX_RULE } from "./core/issue";
import { runRuff } from "./ruff-client";

/** What Ruff says of Python. Throws where the code nests deeper than it can follow. */
export function lintPython(code: string, check: Check): readonly Issue[] {
  return runRuff(code, ruffOptions(check)).map((found): Issue => {
    const rule = found.code ?? SYNTAX_RULE;
    return {
      line: found.start_location.row,
      column: found.start_location.column,
      end_line: found.end_location.row,
      end_column: found.end_location.column,
      severity: pythonSeverity(rule),
      rule,
      message: found.message,
      fix:
        found.fix === null
          ? null
          : {
              message: found.fix.message,
              edits: found.fix.edits.map((edit) => ({
                line: edit.location.row,
                column: edit.location.column,
                end_line: edit.end_location.row,
                end_column: edit.end_location.column,
                text: edit.content ?? "",
              })),
            },
    };
  });
}
