import type { ErrorText } from "#platform/errors";

/** 계산에서 생길 수 있는 일의 한국어 문구. */
export const REASONING_TEXTS_KO = {
  PROGRAM_NOT_VALID: {
    title: "올바르지 않은 논리 프로그램",
    error: "논리 프로그램을 실행할 수 없습니다.[ {reason}][ {line}번째 줄입니다.][ 위치: {near}]",
    detail:
      "사실과 규칙, 그리고 질의를 하나 이상 적어 주십시오(예: a(1). ?- a(X).). 계산만 하는 술어를 제공하며, 파일을 읽거나 프로그램을 바꾸거나 오류를 잡는 술어는 없습니다.",
    phrases: {
      reason: {
        syntax: "문법에 맞지 않습니다.",
        no_query: "질의가 없습니다.",
        too_many_queries: "질의가 열 개를 넘습니다.",
        too_long: "32,768자를 넘습니다.",
        not_allowed: "제공하지 않는 것을 사용했습니다.",
        unknown_predicate: "프로그램에도 서버에도 정의되지 않은 술어를 불렀습니다.",
        error: "실행 중에 오류가 났습니다.",
      },
    },
  },
  EXPRESSION_NOT_VALID: {
    title: "올바르지 않은 수식",
    error: "수식의 값을 구할 수 없습니다.[ {reason}][ 해당 부분: {name}]",
    detail:
      "숫자와 + - * / ^ ! %, mod, 비교, 괄호, 변수, 그리고 /docs에 있는 함수를 계산할 수 있습니다.",
    phrases: {
      reason: {
        not_arithmetic: "산술식이 아닙니다.",
        unknown_name: "뜻이 정해지지 않은 이름이 있습니다.",
        not_offered: "제공하지 않는 연산자가 있습니다.",
        wrong_arguments: "함수가 받지 않는 인수가 있습니다.",
        division_by_zero: "0으로 나누었습니다.",
        undefined: "실수 범위에서 정의되지 않습니다.",
        too_long: "너무 길거나 괄호가 너무 많습니다.",
      },
    },
  },
  COMPUTATION_TOO_LARGE: {
    title: "너무 큰 계산",
    error: "이 서버가 계산하는 한도를 넘었습니다.[ {limit}]",
    detail: "끝나지 않는 재귀가 없는지 살펴보거나 한 번에 구하는 양을 줄여 주십시오.",
    phrases: {
      limit: {
        steps: "단계가 100,000번을 넘었습니다.",
        size: "항이 너무 커졌습니다.",
        work: "단계마다 할 일이 너무 많습니다.",
        choices: "남은 갈래가 너무 많습니다.",
        depth: "항이 너무 깊이 중첩되었습니다.",
        memory: "메모리가 너무 많이 필요합니다.",
        digits: "수의 자릿수가 수천 자리를 넘습니다.",
      },
    },
  },
} satisfies Record<string, ErrorText>;
