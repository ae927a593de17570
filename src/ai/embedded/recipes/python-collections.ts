import type { Recipe } from "./recipe";

/** Lists and dictionaries. */
export const PYTHON_COLLECTIONS: readonly Recipe[] = [
  {
    id: "python-sort-dicts",
    language: "python",
    title: {
      ko: "딕셔너리 리스트를 키 값으로 정렬하기",
      en: "Sort a list of dictionaries by a key",
    },
    needs: "sort list dictionary",
    keywords:
      "by key value field descending ascending order objects 키 값 기준 내림차순 오름차순 순서",
    explanation: {
      ko: "itemgetter가 각 딕셔너리에서 비교할 값을 꺼냅니다. sorted는 새 리스트를 돌려주며, 값이 같은 항목은 원래 순서를 지킵니다.",
      en: "`itemgetter` takes the value to compare from each dictionary. `sorted` answers a new list and keeps the order of equal ones.",
    },
    code: `from collections.abc import Iterable
from operator import itemgetter
from typing import Any


def sort_by(rows: Iterable[dict[str, Any]], key: str, descending: bool = False) -> list[dict[str, Any]]:
    """The dictionaries ordered by one of their keys."""
    return sorted(rows, key=itemgetter(key), reverse=descending)
`,
    check: `people = [{"name": "b", "age": 3}, {"name": "a", "age": 1}, {"name": "c", "age": 3}]
assert [p["name"] for p in sort_by(people, "age")] == ["a", "b", "c"]
assert [p["name"] for p in sort_by(people, "age", descending=True)] == ["b", "c", "a"]
assert people[0]["name"] == "b"
`,
  },
  {
    id: "python-sort-list",
    language: "python",
    title: { ko: "리스트 정렬하기", en: "Sort a list" },
    needs: "sort list|number|string",
    keywords:
      "numbers strings list array descending ascending order length reverse 숫자 문자열 내림차순 오름차순 순서 길이 역순 배열",
    explanation: {
      ko: "sorted는 원본을 그대로 두고 새 리스트를, list.sort는 원본을 바꿉니다. reverse=True는 내림차순, key는 비교할 값을 정합니다.",
      en: "`sorted` leaves the original alone and answers a new list; `list.sort` changes it. `reverse=True` sorts downwards, `key` says what to compare.",
    },
    code: `numbers = [3, 1, 2]
ascending = sorted(numbers)
descending = sorted(numbers, reverse=True)

words = ["pear", "fig", "apple"]
by_length = sorted(words, key=len)
`,
    check: `assert ascending == [1, 2, 3] and descending == [3, 2, 1] and numbers == [3, 1, 2]
assert by_length == ["fig", "pear", "apple"]
`,
  },
  {
    id: "python-sort-dict-by-value",
    language: "python",
    title: { ko: "딕셔너리를 값으로 정렬하기", en: "Sort a dictionary by value" },
    needs: "sort dictionary value",
    keywords: "descending ascending order largest first key 내림차순 오름차순 큰 순서 기준 순 키",
    explanation: {
      ko: "항목(키, 값)을 값으로 정렬해 다시 딕셔너리로 만듭니다. 딕셔너리는 넣은 순서를 지킵니다.",
      en: "The items are sorted by their value and made a dictionary again, which keeps the order of insertion.",
    },
    code: `from typing import Any


def sort_by_value(values: dict[str, Any], descending: bool = False) -> dict[str, Any]:
    """The same dictionary with its items in the order of their values."""
    return dict(sorted(values.items(), key=lambda item: item[1], reverse=descending))
`,
    check: `assert list(sort_by_value({"a": 2, "b": 1, "c": 3})) == ["b", "a", "c"]
assert list(sort_by_value({"a": 2, "b": 1, "c": 3}, descending=True)) == ["c", "a", "b"]
`,
  },
  {
    id: "python-unique",
    language: "python",
    title: {
      ko: "순서를 지키며 리스트의 중복 없애기",
      en: "Remove duplicates from a list, keeping the order",
    },
    needs: "remove duplicate",
    keywords:
      "list values items elements keep keeping order unique distinct 리스트 값 순서 유지 원소 요소 유일 고유 배열",
    explanation: {
      ko: "딕셔너리의 키는 한 번씩만 남고 넣은 순서를 지킵니다. 원소는 해시할 수 있어야 합니다.",
      en: "The keys of a dictionary occur once and keep the order of insertion. The elements must be hashable.",
    },
    code: `from collections.abc import Hashable, Iterable
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def unique(items: Iterable[T]) -> list[T]:
    """The items without repetitions, each where it first stood."""
    return list(dict.fromkeys(items))
`,
    check: `assert unique([3, 1, 3, 2, 1]) == [3, 1, 2]
assert unique("나루나루") == ["나", "루"]
assert unique([]) == []
`,
  },
  {
    id: "python-flatten",
    language: "python",
    title: { ko: "중첩된 리스트 펼치기", en: "Flatten a nested list" },
    needs: "flatten|nested list",
    keywords:
      "nested lists list of lists one single level deep depth into 중첩 이중 하나 한 단계 깊이 펼치기 평탄화 리스트 안",
    explanation: {
      ko: "리스트를 만나면 안으로 들어가고 아니면 그 값을 내놓습니다. 문자열은 리스트가 아니므로 그대로 남습니다.",
      en: "Where an element is a list it is walked in turn; anything else is given out. Strings are no lists and stay whole.",
    },
    code: `from collections.abc import Iterator
from typing import Any


def flatten(items: list[Any]) -> Iterator[Any]:
    """The elements of nested lists, in order, whatever their depth."""
    for item in items:
        if isinstance(item, list):
            yield from flatten(item)
        else:
            yield item
`,
    check: `assert list(flatten([1, [2, [3, "four"]], [], [[5]]])) == [1, 2, 3, "four", 5]
`,
  },
  {
    id: "python-chunk",
    language: "python",
    title: { ko: "리스트를 n개씩 나누기", en: "Split a list into chunks" },
    needs: "split|chunk list",
    keywords:
      "chunks chunk size equal pieces batches parts n groups smaller 개씩 크기 묶음 조각 일정 배치 단위",
    explanation: {
      ko: "0부터 size씩 건너뛰며 잘라 냅니다. 마지막 조각은 더 짧을 수 있습니다.",
      en: "Slices are taken at every `size`-th place; the last one may be shorter.",
    },
    code: `from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in pieces of \`size\`; the last one may be shorter."""
    if size < 1:
        raise ValueError("size must be at least 1")
    for start in range(0, len(items), size):
        yield items[start : start + size]
`,
    check: `assert list(chunks([1, 2, 3, 4, 5], 2)) == [[1, 2], [3, 4], [5]]
assert list(chunks([], 3)) == []
try:
    list(chunks([1], 0))
    assert False
except ValueError:
    pass
`,
  },
  {
    id: "python-group-by",
    language: "python",
    title: { ko: "키로 묶어 그룹 만들기", en: "Group a list of items by a key" },
    needs: "group",
    keywords:
      "items list dictionaries dictionary by key value objects category 키 값 기준 항목 리스트 종류 객체",
    explanation: {
      ko: "defaultdict(list)는 처음 보는 키에 빈 리스트를 만들어 줍니다. itertools.groupby와 달리 미리 정렬할 필요가 없습니다.",
      en: "`defaultdict(list)` makes an empty list for each new key. Unlike `itertools.groupby` nothing has to be sorted before.",
    },
    code: `from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


def group_by(items: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """The items by what \`key\` says of each, in their order."""
    groups: defaultdict[K, list[T]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return dict(groups)
`,
    check: `assert group_by(["fig", "pear", "kiwi", "nut"], len) == {3: ["fig", "nut"], 4: ["pear", "kiwi"]}
`,
  },
  {
    id: "python-merge-dicts",
    language: "python",
    title: { ko: "두 딕셔너리 합치기", en: "Merge two dictionaries" },
    needs: "merge dictionary",
    keywords: "two dictionaries into one values overwrite combine 두 개 하나 값 덮어쓰기",
    explanation: {
      ko: "| 연산자(파이썬 3.9부터)는 새 딕셔너리를 만들고, 같은 키는 오른쪽 값이 이깁니다. 원본은 바뀌지 않습니다.",
      en: "The `|` operator (from Python 3.9) makes a new dictionary; for equal keys the right one's value wins. Neither original changes.",
    },
    code: `defaults = {"color": "blue", "size": 10}
chosen = {"size": 12}

merged = defaults | chosen
`,
    check: `assert merged == {"color": "blue", "size": 12}
assert defaults == {"color": "blue", "size": 10}
`,
  },
  {
    id: "python-statistics",
    language: "python",
    title: {
      ko: "평균, 중앙값, 표준편차 구하기",
      en: "Mean, median and standard deviation of numbers",
    },
    needs: "average|median|deviation",
    keywords:
      "mean average median standard deviation numbers list calculate compute statistics 숫자 리스트 통계 계산",
    explanation: {
      ko: "표준 라이브러리 statistics가 계산합니다. stdev는 표본의, pstdev는 모집단의 표준편차입니다. 빈 리스트에는 평균이 없어 오류가 납니다.",
      en: "The standard library's `statistics` does it. `stdev` is that of a sample, `pstdev` of a whole population. An empty list has no mean and raises.",
    },
    code: `import statistics

values = [2.0, 4.0, 4.0, 5.0, 10.0]
mean = statistics.mean(values)
median = statistics.median(values)
deviation = statistics.stdev(values)
`,
    check: `assert mean == 5.0 and median == 4.0 and abs(deviation - 3.0) < 1e-12
`,
  },
];
