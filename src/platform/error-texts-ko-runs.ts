import type { ErrorText } from "#platform/errors";

/** 작업, 기다리는 호출자, 스크래핑에서 생길 수 있는 일의 한국어 문구. */
export const RUN_TEXTS_KO = {
  TASK_ALREADY_FINISHED: {
    title: "이미 끝난 작업",
    error: "작업이 이미 끝나 변경할 수 없습니다.",
    detail: "작업을 조회하여 결과를 확인해 주십시오[: GET /api/v1/tasks/{task_id}].",
  },
  RESULT_NOT_READY: {
    title: "아직 없는 결과",
    error: "작업이 끝나지 않아 아직 결과가 없습니다.",
    detail:
      "Retry-After 시간이 지난 뒤 다시 요청해 주십시오[. 진행 상태: GET /api/v1/tasks/{task_id}].",
  },
  TOO_MANY_TASKS: {
    title: "대기 작업 초과",
    error: "대기 중인 본인의 작업이 많아 이 작업을 제때 시작할 수 없습니다.",
    detail:
      "접수된 작업은 없습니다. Retry-After 시간이 지난 뒤 다시 시도하거나, queue_ttl을 늘리거나, 끝나기를 기다리지 않고 접수해 주십시오.",
  },
  QUEUE_FULL: {
    title: "대기열 가득 참",
    error: "지금은 대기열이 작업을 더 받을 수 없습니다.",
    detail: "접수된 작업은 없습니다. Retry-After 시간이 지난 뒤 다시 시도해 주십시오.",
  },
  TASK_TIMED_OUT: {
    title: "작업 시간 초과",
    error: "작업이 제한 시간[ {timeout}초]을 넘어 종료되었습니다.",
    detail: "제한 시간을 늘리거나 작업량을 줄여 주십시오.",
  },
  WAIT_TIMED_OUT: {
    title: "대기 시간 초과",
    error: "요청이 기다리는 동안 작업이 끝나지 않았습니다. 작업은 계속됩니다.",
    detail: "Location에 있는 주소에서 결과를 확인해 주십시오.",
  },
  TASK_CANCELLED: {
    title: "작업 취소됨",
    error: "작업이 끝나기 전에 취소되었습니다.",
    detail: "여전히 필요하면 다시 제출해 주십시오.",
  },
  WORKER_LOST: {
    title: "워커 유실",
    error: "작업을 실행하던 워커가 시도할 때마다 사라졌습니다.",
    detail: "다시 제출해 주십시오. 계속되면 작업이 워커의 한계를 넘을 수 있습니다.",
  },
  TASK_UNDELIVERABLE: {
    title: "전달되지 않은 작업",
    error: "주어진 시간 안에 작업을 맡은 워커가 없습니다.",
    detail:
      "나중에 다시 시도해 주십시오. /status에서 마지막으로 작업을 맡은 시각을 볼 수 있습니다.",
  },
  RESULT_TOO_LARGE: {
    title: "결과 크기 초과",
    error: "작업 결과가 보관할 수 있는 크기를 넘습니다[: 최대 {limit}바이트].",
    detail: "한 작업에서 요청하는 양을 줄여 주십시오.",
  },
  URL_NOT_ALLOWED: {
    title: "허용되지 않은 URL",
    error: "이 URL은 가져올 수 없습니다[: {url}].",
    detail:
      "[{reason} ]공개된 http·https 주소만 가져옵니다. 운영자가 SCRAPE_ALLOW_HOSTS에 호스트를 허용할 수 있습니다.",
    phrases: {
      reason: {
        malformed: "절대 주소가 아닙니다.",
        too_long: "가져올 수 있는 길이를 넘습니다.",
        scheme: "http나 https 주소가 아닙니다.",
        credentials: "사용자 이름이나 비밀번호가 들어 있습니다.",
        port: "다른 프로토콜이 쓰는 포트입니다.",
        private_address: "사설, 루프백, 링크 로컬 또는 예약 주소로 연결됩니다.",
        private_name: "내부망에서만 뜻이 있는 이름입니다.",
        redirect: "따라갈 수 없는 곳으로 리디렉션합니다.",
      },
    },
  },
  INVALID_SELECTOR: {
    title: "선택자 오류",
    error: "CSS 선택자가 올바르지 않습니다[: {selector}].",
    detail: "철자를 확인해 주십시오. 의사 요소와 스크립트 선택자는 지원하지 않습니다.",
  },
  DNS_FAILED: {
    title: "이름 확인 실패",
    error: "호스트 이름을 확인할 수 없습니다[: {host}].",
    detail: "철자를 확인하거나, 새로 만든 이름이라면 나중에 다시 시도해 주십시오.",
  },
  FETCH_FAILED: {
    title: "가져오기 실패",
    error: "대상에 연결할 수 없습니다[: {host}].",
    detail: "대상이 연결을 거부하거나 끊었습니다. URL을 확인하고 다시 시도해 주십시오.",
  },
  FETCH_TIMED_OUT: {
    title: "가져오기 시간 초과",
    error: "대상이 제때 응답하지 않았습니다[: {host}].",
    detail: "나중에 다시 시도하거나 제한 시간을 늘려 주십시오.",
  },
  HOST_DOWN: {
    title: "대상 중단",
    error: "대상이 계속 실패하여 당분간 요청하지 않습니다[: {host}].",
    detail: "[{retry_after}초 뒤 ]다시 제출해 주십시오.",
  },
  SITE_BUSY: {
    title: "사이트 사용 한도",
    error: "모든 클라이언트를 합친 이 사이트의 요청 한도에 도달했습니다[: {host}].",
    detail: "[{retry_after}초 뒤 ]나중에 다시 시도해 주십시오.",
  },
  TARGET_STATUS: {
    title: "대상의 오류 응답",
    error: "대상이 오류로 응답했습니다[: HTTP {status}].",
    detail: "브라우저에서 URL을 열어 존재하는 공개 페이지인지 확인해 주십시오.",
  },
  ROBOTS_DISALLOWED: {
    title: "robots.txt의 금지",
    error: "사이트의 robots.txt가 이 URL을 가져오는 것을 허용하지 않습니다.",
    detail: "다른 페이지를 선택하거나 사이트 소유자에게 문의해 주십시오.",
  },
  ROBOTS_UNREACHABLE: {
    title: "robots.txt 확인 불가",
    error:
      "사이트의 robots.txt를 읽지 못해 무엇을 가져와도 되는지 알 수 없습니다[: HTTP {status}].",
    detail:
      "응답할 때까지 이 사이트에서는 아무것도 가져오지 않습니다. [{retry_after}초 뒤 ]다시 시도해 주십시오.",
  },
  TOO_MANY_REDIRECTS: {
    title: "리디렉션 초과",
    error: "대상이 너무 여러 번 리디렉션합니다[(한도 {limit}회)].",
    detail: "페이지의 최종 주소를 사용해 주십시오.",
  },
  RESPONSE_TOO_LARGE: {
    title: "응답 크기 초과",
    error: "대상의 응답이 읽을 수 있는 크기를 넘습니다[: 최대 {limit}바이트].",
    detail: "더 작은 페이지를 선택해 주십시오.",
  },
  UNSUPPORTED_CONTENT: {
    title: "지원하지 않는 콘텐츠",
    error:
      "스크립트가 읽을 수 없는 종류의 응답입니다[: {content_type}][: Content-Encoding {content_encoding}].",
    detail:
      "[이 스크립트가 읽는 형식은 다음과 같습니다: {accepts}. ]다른 페이지나 이 형식을 읽는 스크립트를 선택해 주십시오.",
  },
  PAGE_TOO_COMPLEX: {
    title: "너무 복잡한 페이지",
    error: "페이지의 요소나 중첩이 읽을 수 있는 수를 넘습니다.",
    detail: "더 작은 페이지를 선택하거나 스크립트의 선택자를 좁혀 주십시오.",
  },
  EXTRACTION_FAILED: {
    title: "추출 실패",
    error: "스크립트가 설명하는 내용을 페이지에서 찾아내지 못했습니다[: {reason}].",
    detail: "페이지가 스크립트가 기대하는 형태 그대로인지 확인해 주십시오.",
  },
  FIELD_MISSING: {
    title: "필수 값 없음",
    error: "스크립트가 요구하는 값을 페이지에서 찾지 못했습니다[: {field}].",
    detail: "페이지 형식이 바뀌었을 수 있습니다. 선택자를 고치거나 필수 지정을 해제해 주십시오.",
  },
  SCRIPT_NAME_RESERVED: {
    title: "예약된 스크립트 이름",
    error: "기본 제공 스크립트의 이름입니다[: {script_name}].",
    detail: "다른 이름을 사용해 주십시오. 기본 제공 스크립트는 바꾸거나 지울 수 없습니다.",
  },
  SCRIPT_VERSION_EXISTS: {
    title: "이미 있는 스크립트 버전",
    error: "이 스크립트 버전은 이미 다른 내용으로 저장되어 있습니다[: {version}].",
    detail: "한 번 저장한 버전은 지운 뒤에도 바뀌지 않습니다. 더 높은 버전으로 보내 주십시오.",
  },
  TOO_MANY_SCRIPTS: {
    title: "스크립트가 너무 많음",
    error: "저장할 수 있는 스크립트나 버전의 수를 넘었습니다[: 최대 {limit}개].",
    detail: "필요 없는 스크립트를 지워 주십시오.",
  },
} satisfies Record<string, ErrorText>;
