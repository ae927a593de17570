import type { ErrorText } from "#platform/errors";

/** What defining upstreams of the gateway can meet. */
export const UPSTREAM_TEXTS_KO = {
  UPSTREAM_NOT_FOUND: {
    title: "업스트림 없음",
    error: "그 이름의 업스트림이 없습니다[: {upstream}].",
    detail: "이름을 확인하세요. 관리자는 GET /api/v1/admin/upstreams에서 목록을 볼 수 있습니다.",
  },
  UPSTREAM_EXISTS: {
    title: "이미 있는 업스트림",
    error: "그 이름의 업스트림이 이미 있습니다[: {upstream}].",
    detail: "PUT이나 PATCH로 바꾸거나 다른 이름을 쓰세요.",
  },
  TOO_MANY_UPSTREAMS: {
    title: "업스트림이 너무 많음",
    error: "이 배포에 둘 수 있는 업스트림 수에 이르렀습니다[: {limit}개].",
    detail: "먼저 하나를 지우세요.",
  },
} satisfies Record<string, ErrorText>;
