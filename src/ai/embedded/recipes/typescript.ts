import type { Recipe } from "./recipe";

/** TypeScript: what its types are for. All of it can be stripped to JavaScript as it stands. */
export const TYPESCRIPT: readonly Recipe[] = [
  {
    id: "typescript-result",
    language: "typescript",
    title: {
      ko: "예외 대신 Result 타입으로 오류 다루기",
      en: "A Result type instead of exceptions",
    },
    needs: "result type|error|exception",
    keywords:
      "handle handling errors exceptions success failure return throwing instead ok err 처리 예외 오류 성공 실패 반환 타입 대신",
    explanation: {
      ko: "성공과 실패를 ok로 구별되는 합집합 타입으로 돌려줍니다. ok를 확인하기 전에는 value를 읽을 수 없으니 오류를 잊을 수 없습니다.",
      en: "Success and failure are a union told apart by `ok`. Before `ok` is checked, `value` can't be read, so no error is forgotten.",
    },
    code: `export type Result<T, E = Error> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value });
export const err = <E>(error: E): Result<never, E> => ({ ok: false, error });

export function parsePort(text: string): Result<number, string> {
  const port = Number(text);
  return Number.isInteger(port) && port > 0 && port < 65_536
    ? ok(port)
    : err(text + " is no port");
}
`,
    check: `const good = parsePort("8787");
assert.ok(good.ok && good.value === 8787);
const bad = parsePort("x");
assert.ok(!bad.ok && bad.error === "x is no port");
`,
  },
  {
    id: "typescript-type-guard",
    language: "typescript",
    title: {
      ko: "타입 가드로 unknown 값을 좁히기",
      en: "Narrow an unknown value with a type guard",
    },
    needs: "guard|narrow",
    keywords:
      "type guard unknown any value narrow narrowing check object is predicate runtime custom user defined 타입 가드 좁히기 확인 검사 객체 값 런타임 사용자 정의",
    explanation: {
      ko: "반환 타입 'value is User'는 true일 때 그 값이 User라고 컴파일러에 알려 줍니다. 밖에서 온 값에 as를 쓰는 대신 확인합니다.",
      en: "The return type `value is User` tells the compiler what holds where it answers true. It checks what comes from outside, where `as` would only claim.",
    },
    code: `export interface User {
  readonly name: string;
  readonly age: number;
}

export function isUser(value: unknown): value is User {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    typeof value.name === "string" &&
    "age" in value &&
    typeof value.age === "number"
  );
}
`,
    check: `const value: unknown = JSON.parse('{"name":"Kim","age":3}');
assert.ok(isUser(value) && value.age === 3);
for (const other of [null, "x", {}, { name: "Kim" }, { name: 1, age: 3 }]) assert.ok(!isUser(other));
`,
  },
  {
    id: "typescript-exhaustive",
    language: "typescript",
    title: {
      ko: "구별된 유니온과 빠짐없는 switch",
      en: "Discriminated union with an exhaustive switch",
    },
    needs: "exhaustive|discriminated",
    keywords:
      "discriminated union exhaustive switch never check all cases tagged kind type 구별된 판별 유니온 모든 경우 확인 빠짐없는 타입 switch 처리",
    explanation: {
      ko: "kind가 각 모양을 구별합니다. 새 모양을 더하고 switch를 고치지 않으면 never에 대입하는 줄이 컴파일되지 않습니다.",
      en: "`kind` tells the shapes apart. Where a shape is added and the switch is not, the line that assigns to `never` no longer compiles.",
    },
    code: `export type Shape =
  | { readonly kind: "circle"; readonly radius: number }
  | { readonly kind: "box"; readonly width: number; readonly height: number };

export function area(shape: Shape): number {
  switch (shape.kind) {
    case "circle":
      return Math.PI * shape.radius ** 2;
    case "box":
      return shape.width * shape.height;
    default: {
      const missing: never = shape;
      throw new Error("unknown shape: " + JSON.stringify(missing));
    }
  }
}
`,
    check: `assert.equal(area({ kind: "box", width: 2, height: 3 }), 6);
assert.ok(Math.abs(area({ kind: "circle", radius: 1 }) - Math.PI) < 1e-12);
assert.throws(() => area({ kind: "line" } as never), /unknown shape/);
`,
  },
  {
    id: "typescript-group-by",
    language: "typescript",
    title: { ko: "제네릭으로 배열을 키로 묶기", en: "Generic group-by for arrays" },
    needs: "group",
    keywords:
      "generic function by property key typed items objects map 제네릭 함수 키 속성 기준 타입 항목 객체",
    explanation: {
      ko: "T와 K를 제네릭으로 받아 어떤 항목과 키에도 타입이 지켜집니다. Map이므로 키가 문자열이 아니어도 됩니다.",
      en: "`T` and `K` are generic, so items and keys keep their types; a `Map` takes keys that are no strings too.",
    },
    code: `export function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
`,
    check: `const byLength = groupBy(["fig", "pear", "nut"], (word) => word.length);
assert.deepEqual([...byLength], [[3, ["fig", "nut"]], [4, ["pear"]]]);
`,
  },
  {
    id: "typescript-event-emitter",
    language: "typescript",
    title: { ko: "타입이 있는 이벤트 이미터", en: "A typed event emitter" },
    needs: "event emitter|type",
    keywords:
      "typed events emitter listener subscribe on emit class generic pubsub type safe 타입 이벤트 이미터 구독 리스너 클래스 제네릭 안전 발행",
    explanation: {
      ko: "이벤트 이름과 데이터의 타입을 한 표(Events)로 정하면 잘못된 이름이나 데이터는 컴파일되지 않습니다. on은 구독을 끊는 함수를 돌려줍니다.",
      en: "One table names each event and the type of its data, so a wrong name or datum does not compile. `on` answers the function that unsubscribes.",
    },
    code: `export class Emitter<Events extends Record<string, unknown>> {
  readonly #listeners = new Map<keyof Events, Set<(data: never) => void>>();

  on<K extends keyof Events>(name: K, listener: (data: Events[K]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  emit<K extends keyof Events>(name: K, data: Events[K]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])])
      (listener as (data: Events[K]) => void)(data);
  }
}
`,
    check: `const emitter = new Emitter<{ saved: { id: number }; closed: null }>();
const seen: number[] = [];
const off = emitter.on("saved", ({ id }) => seen.push(id));
emitter.emit("saved", { id: 1 });
emitter.emit("closed", null);
off();
emitter.emit("saved", { id: 2 });
assert.deepEqual(seen, [1]);
`,
  },
  {
    id: "typescript-memoize",
    language: "typescript",
    title: { ko: "함수 결과 메모이제이션", en: "Memoize a function" },
    needs: "memoize",
    keywords:
      "function result results cache caching generic typed argument expensive 함수 결과 캐시 제네릭 타입 인수 저장",
    explanation: {
      ko: "인수 하나를 Map의 키로 삼아 결과를 기억합니다. 같은 인수에 늘 같은 값을 내는 함수에만 쓰세요. 오래 도는 프로그램에서는 크기를 제한해야 합니다.",
      en: "The result is kept in a `Map` by the one argument. Only for functions that always answer the same to the same; in a long-lived program bound its size.",
    },
    code: `export function memoize<A, R>(compute: (argument: A) => R): (argument: A) => R {
  const known = new Map<A, R>();
  return (argument) => {
    if (known.has(argument)) return known.get(argument) as R;
    const result = compute(argument);
    known.set(argument, result);
    return result;
  };
}
`,
    check: `let calls = 0;
const square = memoize((n: number) => {
  calls++;
  return n === 0 ? undefined : n * n;
});
assert.deepEqual([square(3), square(3), square(4), square(0), square(0)], [9, 9, 16, undefined, undefined]);
assert.equal(calls, 3);
`,
  },
];
