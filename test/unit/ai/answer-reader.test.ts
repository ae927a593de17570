import { expect, test } from "vitest";
import { readWhole } from "#ai/answer-reader";
import type { ModelEvent } from "#ai/core/port";
import { createTryClock } from "#ai/try-clock";

