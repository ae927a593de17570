import { AI_TEXTS_KO } from "#platform/error-texts-ko-ai";
import { GATEWAY_TEXTS_KO } from "#platform/error-texts-ko-gateway";
import { OAUTH_TEXTS_KO } from "#platform/error-texts-ko-oauth";
import { KEY_TEXTS_KO } from "#platform/error-texts-ko-keys";
import { REASONING_TEXTS_KO } from "#platform/error-texts-ko-reasoning";
import { RUN_TEXTS_KO } from "#platform/error-texts-ko-runs";
import { REALTIME_TEXTS_KO } from "#platform/error-texts-ko-realtime";
import { DATA_TEXTS_KO } from "#platform/error-texts-ko-data";
import { SESSION_TEXTS_KO } from "#platform/error-texts-ko-sessions";
import { UPSTREAM_TEXTS_KO } from "#platform/error-texts-ko-upstreams";
import { WORKER_TEXTS_KO } from "#platform/error-texts-ko-workers";
import type { ErrorCode, ErrorText } from "#platform/errors";

/** 한국어. `[…{name}…]`는 매개변수가 없으면 빠집니다(`/errors/:code` 안내 페이지 등). */
export const KO: Record<ErrorCode, ErrorText> = {
  BAD_REQUEST: {
    title: "잘못된 요청",
    error: "요청을 이해할 수 없습니다.",
    detail: "/docs에 있는 해당 작업의 예시와 비교해 주십시오.",
  },
  BODY_REQUIRED: {
    title: "본문 필요",
    error: "이 작업에는 본문이 필요하지만 요청에 본문이 없습니다.",
    detail: "/docs에 나온 콘텐츠 형식(대개 application/json)으로 본문을 보내 주십시오.",
  },
  MALFORMED_JSON: {
    title: "JSON 형식 오류",
    error: "본문이 올바른 JSON이 아닙니다.",
    detail: "따옴표, 쉼표, 괄호를 확인해 주십시오. JSON은 주석과 마지막 쉼표를 허용하지 않습니다.",
  },
  INVALID_UTF8: {
    title: "UTF-8 오류",
    error: "본문이 올바른 UTF-8이 아닙니다.",
    detail: "본문을 UTF-8로 인코딩하여 보내 주십시오.",
  },
  BODY_TOO_DEEP: {
    title: "본문 중첩 초과",
    error: "본문의 객체와 배열이 너무 깊게 중첩되어 있습니다.",
    detail: "중첩을[ {limit}단계 이하로] 줄여 주십시오.",
  },
  FORBIDDEN_KEY: {
    title: "금지된 키",
    error: "본문에 허용되지 않는 키가 있습니다[: {key}].",
    detail:
      "키 이름을 바꿔 주십시오. __proto__, constructor, prototype은 어느 단계에서도 쓸 수 없습니다.",
  },
  INVALID_HEADER: {
    title: "헤더 오류",
    error: "요청 헤더의 값이 올바르지 않습니다[: {header}].",
    detail: "헤더 형식은 /docs의 해당 작업 설명을 확인해 주십시오.",
  },
  INVALID_CURSOR: {
    title: "커서 오류",
    error: "이 목록에서 발급한 커서가 아닙니다.",
    detail: "next_cursor 값을 그대로 보내거나, cursor 없이 처음부터 조회해 주십시오.",
  },
  CONFLICTING_CREDENTIALS: {
    title: "자격 증명 충돌",
    error: "요청에 서로 다른 자격 증명이 두 개 있습니다.",
    detail: "Authorization과 X-API-Key 중 하나만 보내 주십시오.",
  },
  CREDENTIAL_IN_URL: {
    title: "URL에 포함된 자격 증명",
    error: "로그와 방문 기록에 남는 URL에 자격 증명이 있습니다.",
    detail:
      "Authorization 또는 X-API-Key 헤더로 보내고, 유출되었을 수 있으니 새로 발급받아 주십시오.",
  },
  AUTHENTICATION_REQUIRED: {
    title: "인증 필요",
    error: "이 작업에는 자격 증명이 필요합니다.",
    detail:
      "Authorization: Bearer <액세스 토큰 또는 API 키>나 X-API-Key: <API 키> 헤더를 보내 주십시오.",
  },
  INVALID_API_KEY: {
    title: "API 키 오류",
    error: "API 키가 유효하지 않습니다.",
    detail: "키를 빠짐없이 복사했는지 확인해 주십시오. 폐기된 키라면 새로 발급받아야 합니다.",
  },
  API_KEY_EXPIRED: {
    title: "API 키 만료",
    error: "API 키가 만료되었습니다.",
    detail: "새 키를 발급받아 주십시오. 다음에는 만료 전에 교체하는 것이 좋습니다.",
  },
  INVALID_TOKEN: {
    title: "토큰 오류",
    error: "액세스 토큰이 유효하지 않거나 만료되었습니다.",
    detail: "토큰을 갱신하거나 다시 로그인해 주십시오.",
  },
  INSUFFICIENT_SCOPE: {
    title: "권한 부족",
    error: "이 자격 증명으로는 이 작업을 할 수 없습니다.",
    detail: "[{scope} 권한이 있는 ]허용된 자격 증명을 사용해 주십시오.",
  },
  ORIGIN_NOT_ALLOWED: {
    title: "허용되지 않은 출처",
    error: "이 웹 출처에서 보낸 요청은 허용되지 않습니다.",
    detail: "운영자가 CORS_ORIGINS에 출처를 추가할 수 있습니다.",
  },
  ROUTE_NOT_FOUND: {
    title: "경로 없음",
    error: "이 경로에는 아무것도 없습니다.",
    detail:
      "경로는 대소문자를 구분하고 끝에 슬래시가 없습니다. 전체 목록은 /openapi.json에 있습니다.",
  },
  RESOURCE_NOT_FOUND: {
    title: "찾을 수 없음",
    error: "해당 리소스가 없거나 본인의 것이 아닙니다.",
    detail: "ID와 사용 중인 자격 증명을 확인해 주십시오.",
  },
  TASK_NOT_FOUND: {
    title: "작업 없음",
    error: "해당 작업이 없거나 본인의 것이 아닙니다.",
    detail: "작업 ID와 사용 중인 자격 증명을 확인해 주십시오.",
  },
  SCRIPT_NOT_FOUND: {
    title: "스크립트 없음",
    error: "해당 스크립트가 없거나 맞는 버전이 없습니다[: {script_name}].",
    detail: "GET /api/v1/scripts에서 사용할 수 있는 스크립트를 확인해 주십시오.",
  },
  METHOD_NOT_ALLOWED: {
    title: "허용되지 않은 메서드",
    error: "이 경로는 해당 메서드를 지원하지 않습니다[: {method}].",
    detail: "Allow 헤더에 있는 메서드를 사용해 주십시오[: {allow}].",
  },
  NOT_ACCEPTABLE: {
    title: "제공할 수 없는 형식",
    error: "Accept 헤더가 허용하는 형식으로 응답할 수 없습니다.",
    detail: "Accept를 생략하거나 이 작업이 제공하는 형식을 허용해 주십시오[: {produces}].",
  },
  CONFLICT: {
    title: "충돌",
    error: "요청이 리소스의 현재 상태와 충돌합니다.",
    detail: "리소스를 다시 조회한 뒤 시도해 주십시오.",
  },
  IDEMPOTENCY_IN_PROGRESS: {
    title: "처리 중",
    error: "같은 Idempotency-Key로 보낸 첫 요청이 아직 처리 중입니다.",
    detail: "잠시 후 같은 요청을 다시 보내면 그 응답을 받을 수 있습니다.",
  },
  PRECONDITION_FAILED: {
    title: "사전 조건 불일치",
    error: "리소스의 버전이 If-Match와 다릅니다.",
    detail: "리소스를 다시 조회하고 새 ETag로 변경을 다시 시도해 주십시오.",
  },
  BODY_TOO_LARGE: {
    title: "본문 크기 초과",
    error: "본문이 허용된 크기보다 큽니다.",
    detail: "크기를[ {limit}바이트 이하로] 줄이거나 요청을 나누어 주십시오.",
  },
  URI_TOO_LONG: {
    title: "주소 길이 초과",
    error: "요청 주소가 허용된 길이보다 깁니다.",
    detail: "경로와 쿼리를 8 KiB 이하로 줄이고, 긴 값은 본문에 넣어 주십시오.",
  },
  UNSUPPORTED_MEDIA_TYPE: {
    title: "지원하지 않는 미디어 타입",
    error: "본문의 콘텐츠 타입, 문자 집합 또는 인코딩을 지원하지 않습니다.",
    detail: "압축하지 않은 UTF-8로 보내고 Content-Type을 지정해 주십시오[: {expected}].",
  },
  VALIDATION_FAILED: {
    title: "검증 실패",
    error: "요청의 형식은 맞지만 올바르지 않은 값이[ {count}개] 있습니다.",
    detail: "errors에서 각 문제의 위치를 JSON 포인터로 확인해 주십시오.",
  },
  IDEMPOTENCY_KEY_REUSED: {
    title: "Idempotency-Key 재사용",
    error: "이 Idempotency-Key는 다른 요청에 이미 사용되었습니다.",
    detail: "새 요청에는 새 키를 사용하고, 재시도할 때는 요청을 바꾸지 마십시오.",
  },
  UNKNOWN_TASK_KIND: {
    title: "알 수 없는 작업 종류",
    error: "이 종류의 작업을 처리하는 워커가 없습니다[: {kind}].",
    detail: "문서에 있는 종류 중에서 선택해 주십시오[: {kinds}].",
  },
  TIMEOUT_NOT_SERVED: {
    title: "제공하지 않는 제한 시간",
    error: "이만큼 긴 실행을 처리하는 워커가 없습니다.",
    detail: "제한 시간을[ {max}초 이하로] 줄이거나 외부 워커를 연결해 주십시오.",
  },
  PRECONDITION_REQUIRED: {
    title: "사전 조건 필요",
    error: "다른 변경을 모르게 덮어쓰지 않도록 이 변경에는 조건이 필요합니다.",
    detail: "조회한 버전의 ETag를 If-Match로 보내 주십시오.",
  },
  RATE_LIMITED: {
    title: "요청 한도 초과",
    error: "요청 한도에 도달했습니다[: {policy}].",
    detail:
      "Retry-After에 따라[ {retry_after}초] 기다려 주십시오. 남은 양은 RateLimit 헤더에 있습니다.",
  },
  TOO_MANY_CONCURRENT: {
    title: "동시 사용 초과",
    error: "동시에 열 수 있는 수를 넘었습니다[: {policy}].",
    detail: "[동시에 {limit}개까지 열 수 있습니다. ]하나가 끝난 뒤 다시 시도해 주십시오.",
  },
  READER_TOO_SLOW: {
    title: "느린 수신",
    error: "수신 측이 한동안 데이터를 받지 않아 스트림을 끝냈습니다.",
    detail: "Last-Event-ID를 보내 다시 연결하면 끊긴 곳부터 이어집니다.",
  },
  INTERNAL: {
    title: "내부 오류",
    error: "서버에서 예상하지 못한 오류가 발생했습니다.",
    detail: "다시 시도해 주십시오. 계속되면 request_id를 운영자에게 알려 주십시오.",
  },
  MISCONFIGURED: {
    title: "서버 설정 오류",
    error: "서버 설정이 안전하지 않아 요청을 처리하지 않습니다.",
    detail: "운영자가 로그에 표시된 설정을 바로잡아야 합니다[: {settings}].",
  },
  DEPENDENCY_UNAVAILABLE: {
    title: "일시적으로 사용할 수 없음",
    error: "서버의 일부를 지금 사용할 수 없습니다.",
    detail:
      "Retry-After 시간이 지난 뒤 다시 시도해 주십시오. Idempotency-Key가 있는 POST는 반복해도 안전합니다.",
  },
  MODEL_REQUIRED: {
    title: "모델 필요",
    error: "이 작업에는 언어 모델이 필요하지만 설정되어 있지 않습니다.",
    detail:
      "운영자가 AI_PROVIDER, AI_MODEL_ENDPOINT, AI_MODEL, AI_MODEL_API_KEY를 설정할 수 있습니다.",
  },
  UPSTREAM_TIMEOUT: {
    title: "상위 서비스 시간 초과",
    error: "이 서버가 사용하는 서비스가 제때 응답하지 않았습니다.",
    detail: "잠시 후 다시 시도해 주십시오.",
  },
  ...RUN_TEXTS_KO,
  ...WORKER_TEXTS_KO,
  ...KEY_TEXTS_KO,
  ...OAUTH_TEXTS_KO,
  ...SESSION_TEXTS_KO,
  ...DATA_TEXTS_KO,
  ...AI_TEXTS_KO,
  ...REASONING_TEXTS_KO,
  ...REALTIME_TEXTS_KO,
  ...UPSTREAM_TEXTS_KO,
  ...GATEWAY_TEXTS_KO,
};
