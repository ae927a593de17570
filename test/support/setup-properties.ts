import { configureGlobal } from "fast-check";

// The same cases at every run, so that a red build is red again; `FAST_CHECK_SEED=$RANDOM npm test` looks for new ones.
configureGlobal({ seed: Number(process.env["FAST_CHECK_SEED"] ?? 20_261_020) });
