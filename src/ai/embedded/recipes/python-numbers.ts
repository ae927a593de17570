import type { Recipe } from "./recipe";

/** Numbers and searching. */
export const PYTHON_NUMBERS: readonly Recipe[] = [
  {
    id: "python-primes",
    language: "python",
    title: {
      ko: "소수 판별하고 n까지 소수 구하기",
      en: "Prime numbers: test one, list all up to n",
    },
    needs: "prime",
    keywords:
      "number numbers check whether is if all up to below n less than find list sieve eratosthenes generate 숫자 판별 확인 인지 까지 이하 모든 구하기 찾기 에라토스테네스 체 목록 판단 검사",
    explanation: {
      ko: "하나를 판별할 때는 제곱근까지만 나눠 보면 되고, 여럿이 필요할 때는 에라토스테네스의 체가 배수를 지워 나갑니다.",
      en: "To test one number, divisors up to its root suffice; for many, the sieve of Eratosthenes strikes out the multiples.",
    },
    code: `from math import isqrt


def is_prime(number: int) -> bool:
    """Whether a number is prime."""
    return number > 1 and all(number % divisor for divisor in range(2, isqrt(number) + 1))


def primes_up_to(limit: int) -> list[int]:
    """All primes up to and including the limit."""
    is_candidate = [False, False] + [True] * (limit - 1)
    for number in range(2, isqrt(max(limit, 0)) + 1):
        if is_candidate[number]:
            for multiple in range(number * number, limit + 1, number):
                is_candidate[multiple] = False
    return [number for number in range(2, limit + 1) if is_candidate[number]]
`,
    check: `assert [n for n in range(-3, 30) if is_prime(n)] == primes_up_to(29) == [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]
assert primes_up_to(1) == [] and primes_up_to(0) == [] and primes_up_to(-5) == [] and primes_up_to(2) == [2]
assert len(primes_up_to(10000)) == 1229
`,
  },
  {
    id: "python-fibonacci",
    language: "python",
    title: { ko: "피보나치 수열", en: "Fibonacci numbers" },
    needs: "fibonacci",
    keywords:
      "number numbers sequence series first nth n calculate generate list compute generator 수 번째 처음 개 수열 구하기 계산 제너레이터 출력",
    explanation: {
      ko: "앞의 두 수를 더해 나가는 제너레이터입니다. 재귀로 쓰면 같은 값을 거듭 계산해 매우 느려집니다.",
      en: "A generator that adds the last two numbers. Written as a plain recursion it would compute the same values over and over.",
    },
    code: `from collections.abc import Iterator
from itertools import islice


def fibonacci() -> Iterator[int]:
    """The Fibonacci numbers from 0, without end."""
    current, following = 0, 1
    while True:
        yield current
        current, following = following, current + following


first_ten = list(islice(fibonacci(), 10))
`,
    check: `assert first_ten == [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]
assert next(islice(fibonacci(), 100, None)) == 354224848179261915075
`,
  },
  {
    id: "python-factorial",
    language: "python",
    title: { ko: "팩토리얼 구하기", en: "Factorial of a number" },
    needs: "factorial",
    keywords: "number n calculate compute recursive recursion loop 수 숫자 계산 구하기 재귀 반복",
    explanation: {
      ko: "표준 라이브러리의 math.factorial이 가장 빠릅니다. 직접 쓰려면 반복문이 재귀보다 깊이 제한이 없어 안전합니다.",
      en: "The standard library's `math.factorial` is the fastest. Written by hand, a loop has no limit of depth, which a recursion has.",
    },
    code: `import math


def factorial(number: int) -> int:
    """The product of 1 to number."""
    if number < 0:
        raise ValueError("number must not be negative")
    result = 1
    for factor in range(2, number + 1):
        result *= factor
    return result


same = math.factorial(20)
`,
    check: `assert factorial(20) == same == 2432902008176640000
assert factorial(0) == 1
try:
    factorial(-1)
    assert False
except ValueError:
    pass
`,
  },
  {
    id: "python-binary-search",
    language: "python",
    title: { ko: "정렬된 리스트에서 이진 탐색하기", en: "Binary search in a sorted list" },
    needs: "binary search",
    keywords:
      "sorted list value index find algorithm array element 정렬 리스트 값 위치 찾기 알고리즘 배열 원소",
    explanation: {
      ko: "bisect_left는 값이 들어갈 자리를 로그 시간에 찾습니다. 그 자리에 정말 그 값이 있는지 확인해야 합니다.",
      en: "`bisect_left` finds in logarithmic time where a value belongs; whether it stands there has to be checked.",
    },
    code: `from bisect import bisect_left
from collections.abc import Sequence


def binary_search(items: Sequence[int], value: int) -> int | None:
    """The first place of a value in an ascending sequence, or None where it is missing."""
    index = bisect_left(items, value)
    return index if index < len(items) and items[index] == value else None
`,
    check: `assert binary_search([1, 3, 3, 7], 3) == 1 and binary_search([1, 3, 7], 7) == 2
assert binary_search([1, 3, 7], 4) is None and binary_search([], 1) is None and binary_search([1], 9) is None
`,
  },
  {
    id: "python-gcd-lcm",
    language: "python",
    title: {
      ko: "최대공약수와 최소공배수 구하기",
      en: "Greatest common divisor and least common multiple",
    },
    needs: "gcd|lcm",
    keywords:
      "two numbers calculate euclid compute find greatest common divisor least multiple 두 수 숫자 계산 구하기 유클리드",
    explanation: {
      ko: "math.gcd와 math.lcm(파이썬 3.9부터)은 여러 수를 한 번에 받습니다. 직접 쓰면 나머지로 되풀이하는 유클리드 호제법입니다.",
      en: "`math.gcd` and `math.lcm` (from Python 3.9) take any number of values. By hand it is Euclid's algorithm, which repeats with the remainder.",
    },
    code: `import math


def gcd(a: int, b: int) -> int:
    """Greatest common divisor by Euclid's algorithm."""
    while b:
        a, b = b, a % b
    return abs(a)


greatest = math.gcd(12, 18)
least = math.lcm(4, 6)
`,
    check: `assert greatest == gcd(12, 18) == 6 and least == 12
assert gcd(-4, 6) == 2 and gcd(0, 5) == 5
`,
  },
];
