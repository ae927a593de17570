import type { OAUTH_TEXTS_EN } from "#platform/error-texts-en-oauth";
import type { ErrorText } from "#platform/errors";

/** 외부 로그인과 토큰 엔드포인트의 오류 문구. */
export const OAUTH_TEXTS_KO = {
  MALFORMED_FORM: {
    title: "폼 형식 오류",
    error: "본문이 올바른 폼 형식이 아닙니다.",
    detail: "필드를 100개 이하로, application/x-www-form-urlencoded 형식으로 보내 주십시오.",
  },
  OAUTH_PROVIDER_NOT_FOUND: {
    title: "알 수 없는 로그인 제공자",
    error: "이 제공자로는 로그인할 수 없습니다.",
    detail: "GET /api/v1/auth/oauth/providers에서 사용할 수 있는 제공자를 확인해 주십시오.",
  },
  OAUTH_STATE_INVALID: {
    title: "유효하지 않은 로그인 시도",
    error: "이미 사용했거나, 시간이 지났거나, 다른 브라우저에서 시작한 로그인 시도입니다.",
    detail: "처음부터 다시 시작하여 같은 브라우저에서 10분 안에 마쳐 주십시오.",
  },
  OAUTH_DENIED: {
    title: "제공자의 로그인 거부",
    error: "제공자가 로그인을 허용하지 않았습니다[: {reason}].",
    detail: "다시 시작하여 제공자 화면에서 로그인을 허용해 주십시오.",
  },
  OAUTH_RESPONSE_INVALID: {
    title: "제공자 응답 오류",
    error: "제공자의 응답이 검사를 통과하지 못해 로그인하지 않았습니다.",
    detail: "다시 시작해 주십시오. 계속되면 서버 운영자에게 알려 주십시오.",
  },
  OAUTH_PROVIDER_UNAVAILABLE: {
    title: "제공자 연결 불가",
    error: "제공자에 연결할 수 없습니다.",
    detail: "잠시 후 다시 시도하거나 다른 방법으로 로그인해 주십시오.",
  },
  OAUTH_EMAIL_REQUIRED: {
    title: "제공자의 이메일 없음",
    error: "새 계정에 필요한 이메일 주소를 제공자가 알려 주지 않았습니다.",
    detail: "제공자에서 이메일 제공을 허용하거나, 이메일로 가입한 뒤 제공자를 연결해 주십시오.",
  },
  OAUTH_ACCOUNT_EXISTS: {
    title: "이미 있는 계정",
    error: "이 이메일 주소로 가입한 계정이 이미 있습니다.",
    detail: "기존 방법으로 로그인한 뒤 제공자를 연결해 주십시오.",
  },
  OAUTH_IDENTITY_TAKEN: {
    title: "다른 계정에 연결됨",
    error: "제공자의 이 계정은 이미 다른 계정에 연결되어 있습니다.",
    detail: "그 제공자로 로그인하거나, 먼저 그쪽에서 연결을 해제해 주십시오.",
  },
  OAUTH_ALREADY_LINKED: {
    title: "이미 연결된 제공자",
    error: "이 제공자의 다른 계정이 이미 연결되어 있습니다.",
    detail: "먼저 기존 연결을 해제해 주십시오.",
  },
  OAUTH_LINK_NOT_FOUND: {
    title: "연결되지 않은 제공자",
    error: "이 제공자는 계정에 연결되어 있지 않습니다.",
    detail: "먼저 POST /api/v1/auth/oauth/:provider/link로 연결해 주십시오.",
  },
  OAUTH_LAST_SIGN_IN: {
    title: "마지막 로그인 수단",
    error: "이 제공자의 연결을 해제하면 계정에 로그인할 방법이 없어집니다.",
    detail: "먼저 비밀번호를 설정하거나 다른 제공자를 연결해 주십시오.",
  },
  OAUTH_CLIENT_NOT_FOUND: {
    title: "OAuth 클라이언트 없음",
    error: "해당 OAuth 클라이언트가 없습니다.",
    detail: "GET /api/v1/oauth-clients에서 목록을 확인해 주십시오.",
  },
  OAUTH_TOO_MANY_CLIENTS: {
    title: "OAuth 클라이언트 수 초과",
    error: "한 계정이 가질 수 있는 OAuth 클라이언트 수를 모두 사용했습니다[: {limit}개].",
    detail: "사용하지 않는 클라이언트를 삭제해 주십시오.",
  },
} as const satisfies Record<keyof typeof OAUTH_TEXTS_EN, ErrorText>;
