import type { ErrorText } from "#platform/errors";

/** What sockets and channels can meet. */
export const REALTIME_TEXTS_KO = {
  UPGRADE_REQUIRED: {
    title: "WebSocket 필요",
    error: "이 주소는 WebSocket으로만 통신합니다.",
    detail: "서브프로토콜 naru.v1을 제시하는 WebSocket 클라이언트로 연결하세요.",
  },
  UNSUPPORTED_SUBPROTOCOL: {
    title: "지원하지 않는 서브프로토콜",
    error: "제시된 서브프로토콜 가운데 지원하는 것이 없습니다.",
    detail: "Sec-WebSocket-Protocol에 naru.v1을 제시하세요.",
  },
  INVALID_TICKET: {
    title: "잘못된 티켓",
    error: "이미 사용했거나 만료되었거나 존재하지 않는 티켓입니다.",
    detail: "연결할 때마다 POST /api/v1/realtime/tickets에서 새 티켓을 받으세요.",
  },
  MALFORMED_FRAME: {
    title: "잘못된 프레임",
    error: "프레임은 type, request_id, data, timestamp만 있는 JSON 객체여야 합니다.",
    detail: "이런 프레임이 이어지면 연결을 닫습니다.",
  },
  UNKNOWN_FRAME_TYPE: {
    title: "알 수 없는 프레임 종류",
    error: "이런 종류의 프레임은 없습니다.",
    detail: "/asyncapi.json에 목록이 있습니다.",
  },
  INVALID_FRAME: {
    title: "유효하지 않은 프레임",
    error: "프레임의 data가 그 종류의 형식과 맞지 않습니다[: {where}].",
    detail: "형식은 /asyncapi.json에 있습니다.",
  },
  FRAME_TOO_LARGE: {
    title: "너무 큰 프레임",
    error: "프레임이 허용된 크기를 넘습니다[: 최대 {max}바이트].",
    detail: "더 작게 보내거나, 다른 곳에 두고 그 위치를 알리세요.",
  },
  CHANNEL_NOT_FOUND: {
    title: "없는 채널",
    error: "그런 채널이 없거나 본인의 채널이 아닙니다.",
    detail: "이름을 확인하세요. 방은 구성원만, 작업과 사용자 채널은 본인만 볼 수 있습니다.",
  },
  CHANNEL_FORBIDDEN: {
    title: "허용되지 않은 채널 동작",
    error: "이 채널에서 할 수 없는 동작입니다.",
    detail: "본인의 채널에 발행하거나, 이 채널을 관리하는 사람에게 문의하세요.",
  },
  POSITION_NOT_KEPT: {
    title: "남아 있지 않은 위치",
    error: "그 위치 이후의 이벤트가 모두 남아 있지는 않습니다.",
    detail: "상태를 새로 읽은 뒤 위치 없이 구독하세요.",
  },
  TOO_MANY_CHANNELS: {
    title: "채널이 너무 많음",
    error: "이 연결은 참여할 수 있는 채널 수를 다 채웠습니다[: {max}개].",
    detail: "채널에서 나가거나 연결을 하나 더 여세요.",
  },
  ROOM_OWNER_STAYS: {
    title: "방에는 소유자가 있어야 함",
    error: "방의 소유자는 내보내거나 역할을 바꿀 수 없습니다.",
    detail: "대신 방을 삭제하세요.",
  },
  ROOM_FULL: {
    title: "방이 가득 참",
    error: "방의 구성원이 최대 인원에 이르렀습니다[: {max}명].",
    detail: "먼저 구성원을 내보내거나 다른 방을 여세요.",
  },
} satisfies Record<string, ErrorText>;
