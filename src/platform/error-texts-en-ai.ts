import type { ErrorText } from "#platform/errors";

/** English texts of what can become of a question to a language model, and of the stream of its answer. */
export const AI_TEXTS_EN = {
  MODEL_NOT_FOUND: {
    title: "Model not found",
    error: "This server does not offer that model[: {model}].",
    detail: "Leave `model` out for the default one[, or choose one of these: {models}].",
  },
  MODEL_REFUSED: {
    title: "Refused by the model",
    error: "The model does not take this request.[ {reason}]",
    detail: "Send less text, or other parameters.",
    phrases: {
      reason: {
        context_too_long: "Its texts are longer than the model can read at once.",
        request: "One of its parameters is not what the model expects.",
      },
    },
  },
  MODEL_ERROR: {
    title: "Faulty answer of the model",
    error: "The model's answer did not come whole.[ {reason}]",
    detail: "Ask again. What has come so far is not the whole answer.",
    phrases: {
      reason: {
        cut: "The connection to it was cut.",
        malformed: "It could not be read.",
        content_type: "Something else came in its place.",
        empty: "It is empty.",
        too_large: "It is longer than is passed on.",
        upstream_error: "The model's server reported a failure.",
      },
    },
  },
  MODEL_UNAVAILABLE: {
    title: "Model unavailable",
    error: "The language model cannot be reached at the moment.",
    detail:
      "Try again after the time in Retry-After. If it stays, the operator should look at /health.",
  },
  MODEL_RATE_LIMITED: {
    title: "Model busy",
    error: "The language model takes no further request at the moment.",
    detail: "Try again after the time in Retry-After.",
  },
  MODEL_TIMEOUT: {
    title: "Model too slow",
    error: "The language model did not answer in time.[ {phase}]",
    detail: "Ask again, or for a shorter answer.",
    phrases: {
      phase: {
        first_token: "Its answer did not begin.",
        idle: "Its answer stopped on the way.",
        total: "Its answer did not end.",
      },
    },
  },
  STREAM_NOT_FOUND: {
    title: "Stream not found",
    error: "There is no such stream.",
    detail: "A stream can be read again for five minutes after its end, by the one who started it.",
  },
  STREAM_INTERRUPTED: {
    title: "Stream interrupted",
    error: "The server was interrupted while the model answered.",
    detail: "Ask again. What has come so far is not the whole answer.",
  },
  NOT_CACHED: {
    title: "Not cached",
    error: "The cache has no answer to this request.",
    detail: "Leave `only-if-cached` out of `Cache-Control`, and the model is asked.",
  },
  CODE_TOO_COMPLEX: {
    title: "Code too complex",
    error: "The code is beyond what is checked.[ {reason}]",
    detail: "Send less of it, or a part that nests less.",
    phrases: {
      reason: {
        too_long: "It is longer than 100,000 characters.",
        too_many_brackets: "More than 200 brackets are open at once.",
        too_many_indents: "It has more than 100 levels of indentation.",
        too_deep: "Its expressions stand deeper inside of each other than a parser can follow.",
      },
    },
  },
} satisfies Record<string, ErrorText>;
