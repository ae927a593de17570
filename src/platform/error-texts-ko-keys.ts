import type { ErrorText } from "#platform/errors";

/** 키와 계정의 관리, 요청의 반복에서 생길 수 있는 일의 한국어 문구. */
export const KEY_TEXTS_KO = {
  GRANT_TOO_WIDE: {
    title: "권한 범위 초과",
    error:
      "자격 증명은 자신보다 더 많은 것을 할 수 있는 키를 만들거나 관리할 수 없습니다[: {excess}].",
    detail:
      "더 좁은 범위를 요청하거나, 키가 할 일을 할 수 있는 자격 증명을 사용해 주십시오. 만료되지 않는 키는 관리자만 만들 수 있습니다.",
  },
  IDEMPOTENCY_NOT_REPLAYABLE: {
    title: "다시 보여 주지 않는 응답",
    error: "이 Idempotency-Key로 보낸 첫 요청은 성공했으며, 그 응답은 다시 보여 주지 않습니다.",
    detail:
      "비밀 값을 담은 응답이나 매우 큰 응답은 보관하지 않습니다. 만들어진 것은 Location에 있으며, API 키의 비밀 값을 잃었다면 키를 교체해 주십시오.",
  },
  API_KEY_REVOKED: {
    title: "폐기된 API 키",
    error: "이 키는 폐기되어 더 이상 변경할 수 없습니다.",
    detail: "새 키를 만들어 주십시오.",
  },
  TOO_MANY_API_KEYS: {
    title: "API 키 개수 초과",
    error: "한 소유자가 가질 수 있는 수만큼의 API 키가 이미 있습니다[: {limit}개].",
    detail: "더 이상 쓰지 않는 키를 폐기해 주십시오.",
  },
  INVALID_RESET_LINK: {
    title: "유효하지 않은 재설정 링크",
    error: "이미 사용되었거나, 만료되었거나, 이 서버가 만들지 않은 링크입니다.",
    detail: "관리자에게 새 링크를 요청해 주십시오. 링크는 한 시간 동안 한 번만 쓸 수 있습니다.",
  },
  LAST_ADMIN: {
    title: "마지막 관리자",
    error: "이 변경을 적용하면 서버에 관리자가 남지 않습니다.",
    detail: "먼저 다른 사람을 관리자로 지정해 주십시오.",
  },
} as const satisfies Record<string, ErrorText>;
