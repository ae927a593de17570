import type { ErrorText } from "#platform/errors";

/** 자신의 데이터를 모두 지우려는 사람이 만날 수 있는 오류. */
export const DATA_TEXTS_KO = {
  CONFIRMATION_MISMATCH: {
    title: "확인되지 않음",
    error: "confirm의 이메일 주소가 이 계정의 주소와 다릅니다.",
    detail: "confirm에 계정의 이메일 주소를 그대로 적어 주십시오. 아무것도 지우지 않았습니다.",
  },
  FRESH_LOGIN_REQUIRED: {
    title: "다시 로그인 필요",
    error: "비밀번호가 없는 계정이고, 세션이 열린 지 10분이 지났습니다.",
    detail: "제공자로 다시 로그인한 뒤 새 세션으로 다시 호출해 주십시오.",
  },
} as const satisfies Record<string, ErrorText>;
