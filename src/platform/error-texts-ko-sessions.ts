import type { ErrorText } from "#platform/errors";

/** 로그인, 토큰 갱신, 세션에서 생기는 오류. */
export const SESSION_TEXTS_KO = {
  INVALID_CREDENTIALS: {
    title: "이메일 또는 비밀번호 오류",
    error: "이메일 주소나 비밀번호가 올바르지 않습니다.",
    detail: "둘 다 확인해 주십시오. 여러 번 실패하면 대기 시간이 점점 길어집니다.",
  },
  INVALID_REFRESH_TOKEN: {
    title: "잘못된 갱신 토큰",
    error: "갱신 토큰이 올바르지 않거나, 만료되었거나, 이미 사용되었습니다.",
    detail: "다시 로그인해 주십시오. 갱신 토큰은 한 번만 쓸 수 있으니 가장 최근 것만 보관하십시오.",
  },
  ACCOUNT_DISABLED: {
    title: "비활성화된 계정",
    error: "이 계정은 비활성화되었습니다.",
    detail: "관리자에게 활성화를 요청해 주십시오.",
  },
  REGISTRATION_CLOSED: {
    title: "가입 중지",
    error: "이 서버에서는 직접 가입할 수 없습니다.",
    detail: "관리자에게 계정을 요청해 주십시오.",
  },
  EMAIL_TAKEN: {
    title: "이미 사용 중인 이메일",
    error: "이 이메일 주소로 만든 계정이 이미 있습니다.",
    detail: "그 계정으로 로그인하거나 다른 주소로 가입해 주십시오.",
  },
  WRONG_PASSWORD: {
    title: "비밀번호 오류",
    error: "현재 비밀번호가 올바르지 않습니다.",
    detail: "확인해 주십시오. 여러 번 실패하면 대기 시간이 점점 길어집니다.",
  },
  SESSION_REQUIRED: {
    title: "로그인 세션 필요",
    error: "로그인한 사용자만 할 수 있는 작업인데, 이 자격 증명은 세션의 것이 아닙니다.",
    detail: "POST /api/v1/auth/login 으로 로그인하고 받은 액세스 토큰을 보내 주십시오.",
  },
  SESSION_NOT_FOUND: {
    title: "알 수 없는 세션",
    error: "이 식별자를 가진 열린 세션이 없습니다.",
    detail: "GET /api/v1/auth/sessions 에서 목록을 볼 수 있습니다.",
  },
  MAIL_REQUIRED: {
    title: "메일 필요",
    error: "이 서버는 메일을 보내지 않습니다.",
    detail:
      "새 비밀번호를 정하는 링크를 관리자에게 요청해 주십시오. 운영자는 send_email 바인딩 EMAIL과 EMAIL_FROM, RESET_PAGE_URL을 설정할 수 있습니다.",
  },
  CSRF_REJECTED: {
    title: "교차 사이트 요청 거부",
    error: "쿠키만으로는 본인임을 확인할 수 없습니다.",
    detail:
      "이 서버나 허용된 출처의 페이지에서, __Host-csrf 쿠키의 값을 X-CSRF-Token 헤더에 넣어 호출해 주십시오.",
  },
} as const satisfies Record<string, ErrorText>;
