import type { ErrorText } from "#platform/errors";

/** 외부 워커와 그 작업에서 생길 수 있는 일의 한국어 문구. */
export const WORKER_TEXTS_KO = {
  WORKER_FAILED: {
    title: "워커 실패",
    error: "작업을 실행한 워커가 실패를 알렸습니다.[ 워커의 설명: {message}]",
    detail: "[워커의 오류 코드: {worker_code}. ]이 종류의 워커를 운영하는 쪽에 문의해 주십시오.",
  },
  WORKER_NOT_FOUND: {
    title: "없는 워커",
    error: "해당하는 워커가 없습니다.",
    detail:
      "POST /api/v1/workers/register로 등록해 주십시오. 하루 동안 아무 요청이 없는 워커는 잊힙니다.",
  },
  LEASE_LOST: {
    title: "사라진 임대",
    error: "작업이 더 이상 이 워커의 것이 아니거나, 끝이 이미 보고되었습니다.",
    detail:
      "이 작업의 결과를 버려 주십시오. 취소되었거나, 시간이 초과되었거나, 하트비트가 끊겨 다른 워커에게 넘어갔거나, 이미 끝난 작업입니다.",
  },
} satisfies Record<string, ErrorText>;
