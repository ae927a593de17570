import type { Recipe } from "./recipe";

/** JavaScript of browsers and servers alike. */
export const JAVASCRIPT: readonly Recipe[] = [
  {
    id: "javascript-debounce",
    language: "javascript",
    title: { ko: "디바운스: 멈춘 뒤에 한 번만 실행하기", en: "Debounce a function" },
    needs: "debounce",
    keywords:
      "function call input event typing search delay wait calls 함수 입력 이벤트 호출 실행 지연 구현",
    explanation: {
      ko: "부를 때마다 타이머를 새로 시작하므로 waitMs 동안 조용해진 뒤 마지막 인수로 한 번만 실행됩니다. cancel은 기다리던 것을 없앱니다.",
      en: "Each call starts the timer anew, so the function runs once, with the last arguments, when it was quiet for `waitMs`. `cancel` drops a pending run.",
    },
    code: `export function debounce(run, waitMs) {
  let timer;
  const debounced = (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...args), waitMs);
  };
  debounced.cancel = () => clearTimeout(timer);
  return debounced;
}
`,
    check: `const { mock } = await import("node:test");
mock.timers.enable({ apis: ["setTimeout"] });
const seen = [];
const log = debounce((value) => seen.push(value), 100);
log(1); mock.timers.tick(99); log(2); mock.timers.tick(99);
assert.deepEqual(seen, []);
mock.timers.tick(1);
assert.deepEqual(seen, [2]);
log(3); log.cancel(); mock.timers.tick(1000);
assert.deepEqual(seen, [2]);
mock.timers.reset();
`,
  },
  {
    id: "javascript-throttle",
    language: "javascript",
    title: { ko: "스로틀: 일정 시간에 한 번만 실행하기", en: "Throttle a function" },
    needs: "throttle",
    keywords:
      "function call event scroll resize most once every calls 함수 스크롤 이벤트 호출 실행 구현 한 번",
    explanation: {
      ko: "첫 호출은 곧바로 실행하고, waitMs가 지나기 전의 호출은 마지막 것만 모아 끝에 한 번 실행합니다.",
      en: "The first call runs at once; of those that follow within `waitMs`, only the last one runs, at its end.",
    },
    code: `export function throttle(run, waitMs) {
  let timer = null;
  let pending = null;
  const tick = () => {
    timer = null;
    if (pending === null) return;
    const args = pending;
    pending = null;
    timer = setTimeout(tick, waitMs);
    run(...args);
  };
  return (...args) => {
    if (timer !== null) {
      pending = args;
      return;
    }
    timer = setTimeout(tick, waitMs);
    run(...args);
  };
}
`,
    check: `const { mock } = await import("node:test");
mock.timers.enable({ apis: ["setTimeout"] });
const seen = [];
const log = throttle((value) => seen.push(value), 100);
log(1); log(2); log(3);
assert.deepEqual(seen, [1]);
mock.timers.tick(100);
assert.deepEqual(seen, [1, 3]);
mock.timers.tick(100); log(4);
assert.deepEqual(seen, [1, 3, 4]);
mock.timers.reset();
`,
  },
  {
    id: "javascript-group-by",
    language: "javascript",
    title: { ko: "배열을 키로 묶기", en: "Group an array by a key" },
    needs: "group",
    keywords:
      "items objects by property key value category 객체 속성 키 값 기준 항목 종류 프로퍼티",
    explanation: {
      ko: "Map.groupBy는 어떤 값이든 키로 삼아 차례를 지키며 묶습니다. 키가 문자열뿐이면 Object.groupBy도 됩니다.",
      en: "`Map.groupBy` takes any value as a key and keeps the order; where keys are strings, `Object.groupBy` does too.",
    },
    code: `const people = [
  { name: "Kim", team: "red" },
  { name: "Lee", team: "blue" },
  { name: "Park", team: "red" },
];

export const byTeam = Map.groupBy(people, (person) => person.team);
`,
    check: `assert.deepEqual([...byTeam.keys()], ["red", "blue"]);
assert.deepEqual(byTeam.get("red").map((person) => person.name), ["Kim", "Park"]);
`,
  },
  {
    id: "javascript-unique",
    language: "javascript",
    title: { ko: "배열의 중복 없애기", en: "Remove duplicates from an array" },
    needs: "remove|unique duplicate|unique",
    keywords:
      "array values elements items unique distinct objects by list 배열 값 요소 원소 고유 유일 객체 리스트",
    explanation: {
      ko: "Set은 같은 값을 한 번만 담고 넣은 순서를 지킵니다. 객체는 비교할 키를 정해 Map으로 거릅니다.",
      en: "A `Set` holds equal values once, in the order of insertion. For objects a `Map` by the key to compare does it.",
    },
    code: `export const unique = (items) => [...new Set(items)];

export function uniqueBy(items, keyOf) {
  const first = new Map();
  for (const item of items) {
    const key = keyOf(item);
    if (!first.has(key)) first.set(key, item);
  }
  return [...first.values()];
}
`,
    check: `assert.deepEqual(unique([3, 1, 3, NaN, NaN, 1]), [3, 1, NaN]);
assert.deepEqual(uniqueBy([{ id: 1, n: "a" }, { id: 1, n: "b" }, { id: 2, n: "c" }], (x) => x.id).map((x) => x.n), ["a", "c"]);
`,
  },
  {
    id: "javascript-sort-objects",
    language: "javascript",
    title: { ko: "객체 배열을 속성으로 정렬하기", en: "Sort an array of objects by a property" },
    needs: "sort array|object|list",
    keywords:
      "objects property key field numbers strings descending ascending order array number 객체 속성 숫자 문자열 내림차순 오름차순 순서 기준 키 값 프로퍼티",
    explanation: {
      ko: "toSorted는 원본을 그대로 둡니다. 숫자는 빼서, 문자열은 localeCompare로 비교합니다. 비교 함수 없이 정렬하면 숫자도 글자 순서가 됩니다.",
      en: "`toSorted` leaves the original alone. Numbers are compared by subtraction, strings by `localeCompare`. Without a comparison even numbers are sorted as text.",
    },
    code: `const people = [
  { name: "나", age: 30 },
  { name: "가", age: 9 },
];

export const byAge = people.toSorted((a, b) => a.age - b.age);
export const oldestFirst = people.toSorted((a, b) => b.age - a.age);
export const byName = people.toSorted((a, b) => a.name.localeCompare(b.name, "ko"));
`,
    check: `assert.deepEqual(byAge.map((p) => p.age), [9, 30]);
assert.deepEqual(oldestFirst.map((p) => p.age), [30, 9]);
assert.deepEqual(byName.map((p) => p.name), ["가", "나"]);
assert.equal(people[0].age, 30);
`,
  },
  {
    id: "javascript-sleep",
    language: "javascript",
    title: { ko: "async 함수에서 잠시 기다리기(sleep)", en: "Wait (sleep) in an async function" },
    needs: "sleep|wait",
    keywords:
      "seconds milliseconds async await promise delay pause function before 초 밀리초 동안 비동기 지연 함수 잠시 프로미스",
    explanation: {
      ko: "setTimeout을 Promise로 감싸 await할 수 있게 합니다. 기다리는 동안 다른 코드는 계속 돕니다.",
      en: "`setTimeout` wrapped in a promise can be awaited; other code goes on meanwhile.",
    },
    code: `export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function greetLater() {
  await sleep(10);
  return "hello";
}
`,
    check: `const order = [];
const later = greetLater().then((text) => order.push(text));
order.push("now");
await later;
assert.deepEqual(order, ["now", "hello"]);
`,
  },
  {
    id: "javascript-deep-clone",
    language: "javascript",
    title: { ko: "객체 깊은 복사", en: "Deep copy an object" },
    needs: "copy",
    keywords: "deep clone copy object array nested structuredclone 깊은 객체 배열 중첩 복제",
    explanation: {
      ko: "structuredClone은 중첩된 객체, 배열, Date, Map, Set, 순환 참조까지 복사합니다. 함수와 DOM 노드는 복사하지 못합니다.",
      en: "`structuredClone` copies nested objects, arrays, dates, maps, sets and even cycles. It can't copy functions and DOM nodes.",
    },
    code: `const original = { name: "naru", tags: ["a"], made: new Date(0) };

export const copy = structuredClone(original);
copy.tags.push("b");
`,
    check: `assert.deepEqual(original.tags, ["a"]);
assert.deepEqual(copy.tags, ["a", "b"]);
assert.ok(copy.made instanceof Date && copy.made !== original.made);
`,
  },
  {
    id: "javascript-format-number",
    language: "javascript",
    title: {
      ko: "숫자에 천 단위 쉼표와 통화 표시하기",
      en: "Format a number with commas or as currency",
    },
    needs: "number|currency comma|format|currency",
    keywords:
      "thousands separator comma commas currency format display won dollar price money 천 단위 쉼표 콤마 통화 원 화폐 표시 금액 넣기 찍기 가격 구분",
    explanation: {
      ko: "Intl.NumberFormat이 언어에 맞는 구분 기호와 통화 기호를 붙입니다. 여러 번 쓸 때는 한 번 만들어 두는 편이 빠릅니다.",
      en: "`Intl.NumberFormat` writes separators and currency as the language has them. Make it once where it is used often.",
    },
    code: `export const withCommas = (value) => new Intl.NumberFormat("ko-KR").format(value);

export const asWon = (value) =>
  new Intl.NumberFormat("ko-KR", { style: "currency", currency: "KRW" }).format(value);
`,
    check: `assert.equal(withCommas(1234567.5), "1,234,567.5");
assert.equal(asWon(12000), "₩12,000");
`,
  },
  {
    id: "javascript-shuffle",
    language: "javascript",
    title: { ko: "배열을 무작위로 섞기", en: "Shuffle an array" },
    needs: "shuffle",
    keywords:
      "array random randomly elements items list order fisher yates 배열 무작위 랜덤 순서 리스트 요소",
    explanation: {
      ko: "피셔-예이츠 방식은 모든 순서가 같은 확률로 나오게 합니다. sort에 무작위 비교를 주는 방법은 고르게 섞이지 않습니다.",
      en: "Fisher–Yates makes every order equally likely, which sorting by a random comparison does not.",
    },
    code: `export function shuffle(items, random = Math.random) {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}
`,
    check: `const items = [1, 2, 3, 4, 5];
assert.deepEqual(shuffle(items).sort(), items);
assert.deepEqual(shuffle(items, () => 0), [2, 3, 4, 5, 1]);
assert.deepEqual(items, [1, 2, 3, 4, 5]);
`,
  },
  {
    id: "javascript-query-string",
    language: "javascript",
    title: { ko: "URL 쿼리 문자열 읽고 만들기", en: "Parse and build a URL query string" },
    needs: "url|query parameter|string|parse",
    keywords:
      "url query parameters parameter string get read parse build search params 파라미터 매개변수 값 가져오기 주소 쿼리 문자열 파싱 읽기",
    explanation: {
      ko: "URL과 URLSearchParams가 인코딩까지 처리합니다. 같은 이름이 여러 번 오면 getAll로 모두 읽습니다.",
      en: "`URL` and `URLSearchParams` take care of the encoding. `getAll` reads a name that occurs several times.",
    },
    code: `const url = new URL("https://example.com/search?q=%EB%82%98%EB%A3%A8&tag=a&tag=b");

export const query = url.searchParams.get("q");
export const tags = url.searchParams.getAll("tag");

url.searchParams.set("page", "2");
export const next = url.href;
export const built = new URLSearchParams({ q: "a b", lang: "ko" }).toString();
`,
    check: `assert.equal(query, "나루");
assert.deepEqual(tags, ["a", "b"]);
assert.ok(next.endsWith("&page=2"));
assert.equal(built, "q=a+b&lang=ko");
`,
  },
];
