import { BaseSequencer } from "vitest/node";
import type { TestSpecification } from "vitest/node";

/** Files of the e2e project that take longest, the longest one first. */
const LONGEST = ["crash", "ai/models", "workers", "first-call", "realtime"];

/**
 * Starts the longest files first. By size, as the runner orders files that it has not seen before, the longest would begin last and leave one of
 * two cores without work.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const found = LONGEST.findIndex((name) => moduleId.endsWith(`test/e2e/${name}.test.ts`));
      return found < 0 ? LONGEST.length : found;
    };
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}
