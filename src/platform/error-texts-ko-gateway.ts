import type { ErrorText } from "#platform/errors";

/** 게이트웨이를 거쳐 업스트림을 호출할 때 생길 수 있는 오류. */
export const GATEWAY_TEXTS_KO = {
  UNSAFE_PATH: {
    title: "안전하지 않은 경로",
    error: "다른 경로로 해석될 수 있어 전달하지 않았습니다[: {reason}].",
    detail:
      "`.` 및 `..` 세그먼트, 빈 세그먼트, 인코딩된 슬래시, 백슬래시, 제어 문자를 빼고 보내 주십시오. 여러 번 인코딩한 것도 허용하지 않습니다.",
    phrases: {
      reason: {
        dot_segment: "점 세그먼트가 있음",
        hidden_slash: "인코딩되었거나 숨겨진 슬래시 또는 백슬래시가 있음",
        empty_segment: "슬래시가 연달아 있음",
        control_character: "제어 문자가 있음",
        malformed: "퍼센트 인코딩이 올바르지 않음",
      },
    },
  },
  BODY_NOT_ALLOWED: {
    title: "본문을 보낼 수 없음",
    error: "GET과 HEAD 요청에는 본문을 보낼 수 없습니다.",
    detail: "본문을 POST로 보내거나 본문 없이 보내 주십시오.",
  },
  UPSTREAM_PATH_CLOSED: {
    title: "열려 있지 않은 경로",
    error: "이 업스트림에서 열려 있지 않은 경로입니다.",
    detail: "열려 있는 경로는 서버 운영자에게 문의해 주십시오.",
  },
  HEADERS_TOO_LARGE: {
    title: "헤더 크기 초과",
    error: "요청 헤더가 전달할 수 있는 크기보다 큽니다[: 최대 {limit}바이트].",
    detail: "헤더를 줄여 주십시오. 큰 데이터는 본문으로 보내 주십시오.",
  },
  UPSTREAM_UNREACHABLE: {
    title: "업스트림 연결 실패",
    error: "업스트림에 연결하지 못했거나 응답 전에 연결이 끊어졌습니다[: {upstream}].",
    detail:
      "요청이 이미 전달되었을 수 있습니다. 안전하게 반복할 수 있는 요청이면 잠시 후 다시 시도해 주십시오.",
  },
  UPSTREAM_UNAVAILABLE: {
    title: "업스트림 사용 불가",
    error: "현재 정상인 업스트림 대상이 없습니다[: {upstream}].",
    detail: "요청은 전달되지 않았습니다. Retry-After의 시간이 지난 뒤 다시 시도해 주십시오.",
  },
  UPSTREAM_TIMED_OUT: {
    title: "업스트림 응답 지연",
    error: "업스트림이 제때 응답을 시작하지 않았습니다[: {upstream}, {seconds}초].",
    detail: "요청이 이미 전달되었을 수 있습니다. 안전한 경우에만 다시 보내 주십시오.",
  },
  UPSTREAM_LOOP: {
    title: "순환",
    error: "이 업스트림을 이미 거친 요청입니다.",
    detail: "업스트림 대상이 이 서버로 되돌아옵니다. 업스트림 정의를 고쳐야 합니다.",
  },
} satisfies Record<string, ErrorText>;
