import type { Recipe } from "./recipe";

/** Texts, dates and everyday tools. */
export const PYTHON_TEXT: readonly Recipe[] = [
  {
    id: "python-count-words",
    language: "python",
    title: { ko: "단어가 몇 번 나오는지 세기", en: "Count how often each word occurs" },
    needs: "count word",
    keywords:
      "frequency occurrences occurs how often text string most common each number of times 빈도 횟수 텍스트 문자열 문장 많이 나온 번 개수",
    explanation: {
      ko: "정규식 \\w+가 한글을 포함한 단어를 골라내고 Counter가 셉니다. most_common은 많은 순으로 돌려줍니다.",
      en: "The expression `\\w+` finds words of any script and `Counter` counts them; `most_common` lists the most frequent first.",
    },
    code: `import re
from collections import Counter


def count_words(text: str) -> Counter[str]:
    """How often each word occurs, whatever its case."""
    return Counter(re.findall(r"\\w+", text.lower()))


top = count_words("The ferry waits. The river, the ferry!").most_common(2)
`,
    check: `assert top == [("the", 3), ("ferry", 2)]
assert count_words("나루 강 나루")["나루"] == 2
assert count_words("") == {}
`,
  },
  {
    id: "python-reverse-string",
    language: "python",
    title: { ko: "문자열 뒤집기", en: "Reverse a string" },
    needs: "reverse string",
    keywords: "text characters backwards slice 거꾸로 글자 텍스트",
    explanation: {
      ko: "간격이 -1인 슬라이스는 끝에서부터 읽습니다.",
      en: "A slice with the step -1 reads from the end.",
    },
    code: `def reverse(text: str) -> str:
    """The characters in the opposite order."""
    return text[::-1]
`,
    check: `assert reverse("나루 ferry") == "yrref 루나"
assert reverse("") == ""
`,
  },
  {
    id: "python-palindrome",
    language: "python",
    title: { ko: "회문(팰린드롬)인지 확인하기", en: "Check whether a text is a palindrome" },
    needs: "palindrome",
    keywords: "check whether if string text word is 확인 검사 판별 문자열 텍스트 단어 인지",
    explanation: {
      ko: "글자와 숫자만 남겨 소문자로 만든 뒤 뒤집은 것과 비교합니다.",
      en: "Only letters and digits are kept, without case, and compared with their reverse.",
    },
    code: `def is_palindrome(text: str) -> bool:
    """Whether the text reads the same backwards, apart from case, spaces and punctuation."""
    letters = [letter for letter in text.casefold() if letter.isalnum()]
    return letters == letters[::-1]
`,
    check: `assert is_palindrome("A man, a plan, a canal: Panama") and is_palindrome("기러기")
assert not is_palindrome("나루")
`,
  },
  {
    id: "python-find-emails",
    language: "python",
    title: { ko: "텍스트에서 이메일 주소 찾기", en: "Find e-mail addresses in a text" },
    needs: "find|extract email",
    keywords:
      "addresses address text string regex regular expression pattern all from 주소 텍스트 문자열 정규식 정규표현식 모두 모든 문장",
    explanation: {
      ko: "이메일의 정식 문법 전체가 아니라 실제로 쓰이는 모양을 찾는 정규식입니다. 주소가 있는지는 메일을 보내 봐야만 알 수 있습니다.",
      en: "The expression finds addresses as they are used in practice, not all that the standard allows. Whether one exists only a message to it can tell.",
    },
    code: `import re

EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)*\\.[A-Za-z]{2,}")


def find_emails(text: str) -> list[str]:
    """The e-mail addresses in a text, in their order."""
    return EMAIL.findall(text)
`,
    check: `assert find_emails("메일: kim@example.com, lee.j+x@mail.example.co.kr.") == [
    "kim@example.com", "lee.j+x@mail.example.co.kr"]
assert find_emails("no@one, @b.com") == []
`,
  },
  {
    id: "python-days-between",
    language: "python",
    title: { ko: "두 날짜 사이의 일수 구하기", en: "Days between two dates" },
    needs: "date|day between|difference",
    keywords:
      "number of days two dates difference calculate count 날짜 일수 차이 며칠 계산 두 사이",
    explanation: {
      ko: "날짜끼리 빼면 timedelta가 나오고 그 days가 일수입니다. 윤년도 맞게 셉니다.",
      en: "The difference of two dates is a `timedelta`, whose `days` is the number; leap years are taken into account.",
    },
    code: `from datetime import date


def days_between(start: str, end: str) -> int:
    """Days from one date to another, both as YYYY-MM-DD; negative where the end is earlier."""
    return (date.fromisoformat(end) - date.fromisoformat(start)).days
`,
    check: `assert days_between("2024-02-28", "2024-03-01") == 2
assert days_between("2023-02-28", "2023-03-01") == 1
assert days_between("2024-01-02", "2024-01-01") == -1
`,
  },
  {
    id: "python-format-date",
    language: "python",
    title: { ko: "날짜와 문자열 서로 바꾸기", en: "Convert between dates and strings" },
    needs: "date convert|format|parse|string",
    keywords:
      "string to date datetime text parse strptime strftime today current now time 오늘 현재 시간 문자열 형식 출력 변환 지금",
    explanation: {
      ko: "strptime은 문자열을 형식에 맞춰 읽고 strftime은 그 형식으로 씁니다. %Y 연, %m 월, %d 일, %H 시, %M 분입니다.",
      en: "`strptime` reads a string by a format and `strftime` writes one: `%Y` year, `%m` month, `%d` day, `%H` hour, `%M` minute.",
    },
    code: `from datetime import datetime

moment = datetime.strptime("2026-03-01 09:30", "%Y-%m-%d %H:%M")
text = moment.strftime("%d/%m/%Y")
iso = moment.isoformat()
`,
    check: `assert (moment.year, moment.hour, moment.minute) == (2026, 9, 30)
assert text == "01/03/2026" and iso == "2026-03-01T09:30:00"
`,
  },
  {
    id: "python-measure-time",
    language: "python",
    title: { ko: "함수 실행 시간 재기", en: "Measure how long a function takes" },
    needs: "measure time",
    keywords:
      "function execution run running runtime takes how long decorator elapsed code performance 실행 함수 걸리 걸린 얼마나 데코레이터 시간 성능 경과",
    explanation: {
      ko: "perf_counter는 뒤로 가지 않는 시계라 경과 시간을 재기에 맞습니다. 데코레이터는 어떤 함수에나 붙일 수 있습니다.",
      en: "`perf_counter` never goes back, so it fits for elapsed time. The decorator goes onto any function.",
    },
    code: `import functools
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def timed(function: Callable[P, R]) -> Callable[P, R]:
    """Print how long each call of the function takes."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        start = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            print(f"{function.__name__}: {time.perf_counter() - start:.6f} s")

    return wrapper
`,
    check: `import contextlib, io, re
@timed
def add(a: int, b: int = 2) -> int:
    return a + b
output = io.StringIO()
with contextlib.redirect_stdout(output):
    assert add(1) == 3
assert re.fullmatch(r"add: \\d+\\.\\d{6} s\\n", output.getvalue())
assert add.__name__ == "add"
`,
  },
  {
    id: "python-retry",
    language: "python",
    title: { ko: "실패하면 다시 시도하기", en: "Retry a function that fails" },
    needs: "retry|try",
    keywords:
      "function fails failed failure exception error backoff decorator times attempts call exponential 함수 오류 에러 예외 실패 시도 횟수 번 데코레이터 지수 백오프 간격",
    explanation: {
      ko: "정한 예외가 날 때만 다시 부르고, 기다리는 시간을 두 배씩 늘리며 조금씩 흩뜨립니다. 마지막 시도의 예외는 그대로 올라옵니다.",
      en: "Only the named exceptions are tried again, after a wait that doubles and is jittered. The last attempt's exception goes through.",
    },
    code: `import random
import time
from collections.abc import Callable
from typing import TypeVar

R = TypeVar("R")


def retry(
    call: Callable[[], R],
    attempts: int = 3,
    base_seconds: float = 0.5,
    on: tuple[type[Exception], ...] = (Exception,),
    sleep: Callable[[float], None] = time.sleep,
) -> R:
    """The call's value; it is tried again with growing, jittered pauses where it raises one of \`on\`."""
    for attempt in range(1, attempts + 1):
        try:
            return call()
        except on:
            if attempt == attempts:
                raise
            sleep(random.uniform(0, base_seconds * 2 ** (attempt - 1)))
    raise ValueError("attempts must be at least 1")
`,
    check: `calls, pauses = [], []
def flaky() -> str:
    calls.append(1)
    if len(calls) < 3:
        raise OSError("down")
    return "ok"
assert retry(flaky, sleep=pauses.append) == "ok" and len(calls) == 3
assert len(pauses) == 2 and 0 <= pauses[0] <= 0.5 and 0 <= pauses[1] <= 1.0
def broken() -> None:
    raise KeyError("x")
try:
    retry(broken, on=(OSError,), sleep=pauses.append)
    assert False
except KeyError:
    assert len(pauses) == 2
`,
  },
];
