import { JAVASCRIPT } from "./javascript";
import { PYTHON_COLLECTIONS } from "./python-collections";
import { PYTHON_FILES } from "./python-files";
import { PYTHON_NUMBERS } from "./python-numbers";
import { PYTHON_TEXT } from "./python-text";
import type { Recipe } from "./recipe";
import { SQL } from "./sql";
import { TYPESCRIPT } from "./typescript";

/** Every recipe there is. */
export const RECIPES: readonly Recipe[] = [
  ...PYTHON_FILES,
  ...PYTHON_COLLECTIONS,
  ...PYTHON_TEXT,
  ...PYTHON_NUMBERS,
  ...JAVASCRIPT,
  ...TYPESCRIPT,
  ...SQL,
];
