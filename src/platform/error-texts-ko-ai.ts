import type { ErrorText } from "#platform/errors";

/** 언어 모델에 대한 질문과 그 답변 스트림에서 생길 수 있는 일의 한국어 문구. */
export const AI_TEXTS_KO = {
  MODEL_NOT_FOUND: {
    title: "알 수 없는 모델",
    error: "이 서버가 제공하지 않는 모델입니다[: {model}].",
    detail: "`model`을 비우면 기본 모델을 사용합니다[. 사용할 수 있는 모델: {models}].",
  },
  MODEL_REFUSED: {
    title: "모델이 거절한 요청",
    error: "모델이 이 요청을 받아들이지 않습니다.[ {reason}]",
    detail: "글을 줄이거나 매개변수를 바꾸어 보내 주십시오.",
    phrases: {
      reason: {
        context_too_long: "모델이 한 번에 읽을 수 있는 길이를 넘었습니다.",
        request: "모델이 받지 않는 매개변수가 있습니다.",
      },
    },
  },
  MODEL_ERROR: {
    title: "모델 응답 오류",
    error: "모델의 응답이 온전히 도착하지 않았습니다.[ {reason}]",
    detail: "다시 요청해 주십시오. 지금까지 받은 내용은 전체 응답이 아닙니다.",
    phrases: {
      reason: {
        cut: "모델과의 연결이 끊어졌습니다.",
        malformed: "응답을 읽을 수 없습니다.",
        content_type: "응답 대신 다른 내용이 왔습니다.",
        empty: "응답이 비어 있습니다.",
        too_large: "응답이 전달할 수 있는 길이를 넘었습니다.",
        upstream_error: "모델 서버가 오류를 알려 왔습니다.",
      },
    },
  },
  MODEL_UNAVAILABLE: {
    title: "모델 사용 불가",
    error: "지금은 언어 모델에 연결할 수 없습니다.",
    detail:
      "Retry-After의 시간이 지난 뒤 다시 시도해 주십시오. 계속되면 운영자가 /health를 확인해야 합니다.",
  },
  MODEL_RATE_LIMITED: {
    title: "모델 혼잡",
    error: "지금은 언어 모델이 더 이상 요청을 받지 않습니다.",
    detail: "Retry-After의 시간이 지난 뒤 다시 시도해 주십시오.",
  },
  MODEL_TIMEOUT: {
    title: "모델 응답 시간 초과",
    error: "언어 모델이 제때 응답하지 않았습니다.[ {phase}]",
    detail: "다시 요청하거나 더 짧은 응답을 요청해 주십시오.",
    phrases: {
      phase: {
        first_token: "응답이 시작되지 않았습니다.",
        idle: "응답이 도중에 멈추었습니다.",
        total: "응답이 끝나지 않았습니다.",
      },
    },
  },
  STREAM_NOT_FOUND: {
    title: "알 수 없는 스트림",
    error: "그런 스트림이 없습니다.",
    detail: "스트림은 끝난 뒤 5분 동안, 시작한 사람만 다시 읽을 수 있습니다.",
  },
  STREAM_INTERRUPTED: {
    title: "중단된 스트림",
    error: "모델이 응답하는 동안 서버가 중단되었습니다.",
    detail: "다시 요청해 주십시오. 지금까지 받은 내용은 전체 응답이 아닙니다.",
  },
  NOT_CACHED: {
    title: "캐시에 없음",
    error: "이 요청에 대한 응답이 캐시에 없습니다.",
    detail: "`Cache-Control`에서 `only-if-cached`를 빼면 모델에 질문합니다.",
  },
  CODE_TOO_COMPLEX: {
    title: "너무 복잡한 코드",
    error: "검사할 수 있는 범위를 넘는 코드입니다.[ {reason}]",
    detail: "더 짧게 보내거나 중첩이 덜한 부분만 보내 주십시오.",
    phrases: {
      reason: {
        too_long: "100,000자보다 깁니다.",
        too_many_brackets: "한꺼번에 열린 괄호가 200개를 넘습니다.",
        too_many_indents: "들여쓰기가 100단계를 넘습니다.",
        too_deep: "식이 구문 분석기가 따라갈 수 없을 만큼 깊이 중첩되어 있습니다.",
      },
    },
  },
} satisfies Record<string, ErrorText>;
