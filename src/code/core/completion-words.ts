import type { CodeLanguage } from "./language";
import { words } from "./words";

/** What a language offers before any code is written. */
export interface Vocabulary {
  /** Keywords that begin a statement, and those that stand in expressions. */
  readonly statements: readonly string[];
  readonly expressions: readonly string[];
  readonly builtins: readonly string[];
  /** Modules that come with it. */
  readonly modules: readonly string[];
  /** Members of well-known modules and objects, the most used ones first. */
  readonly members: Readonly<Record<string, readonly string[]>>;
  /** First word → what is written from there; `\t` stands for one level of indentation. */
  readonly snippets: Readonly<Record<string, string>>;
}

const PYTHON: Vocabulary = {
  statements: words(
    "assert async await break class continue def del elif else except finally for from global if import match nonlocal pass raise return try while with yield",
  ),
  expressions: words("and await False if in is lambda None not or True yield"),
  builtins: words(`
    abs all any bool bytes dict enumerate filter float format frozenset getattr hasattr hash input int isinstance
    issubclass iter len list map max min next object open ord print property range repr reversed round set setattr
    slice sorted staticmethod classmethod str sum super tuple type vars zip Exception ValueError TypeError KeyError
    IndexError RuntimeError StopIteration FileNotFoundError NotImplementedError AttributeError ZeroDivisionError
  `),
  modules: words(`
    abc argparse asyncio base64 bisect collections contextlib copy csv dataclasses datetime decimal enum functools glob
    hashlib heapq inspect io itertools json logging math operator os pathlib pickle random re shutil socket sqlite3
    statistics string subprocess sys tempfile textwrap threading time tomllib typing unittest urllib uuid zoneinfo
  `),
  members: {
    math: words(
      "sqrt pi floor ceil comb cos dist e exp factorial gcd hypot inf isclose isnan lcm log log10 log2 nan perm pow prod sin tan trunc",
    ),
    os: words(
      "path environ listdir makedirs getenv getcwd chdir mkdir name remove rename rmdir scandir sep walk",
    ),
    json: words("loads dumps load dump JSONDecodeError"),
    random: words("randint choice random shuffle sample choices gauss randrange seed uniform"),
    re: words("match search sub findall compile escape finditer fullmatch split"),
    sys: words(
      "argv exit stdin stdout path executable maxsize modules platform stderr version_info",
    ),
    datetime: words("datetime timedelta date timezone time UTC"),
    collections: words("defaultdict Counter deque namedtuple ChainMap OrderedDict"),
    itertools: words(
      "chain product combinations groupby accumulate batched count cycle islice pairwise permutations repeat takewhile zip_longest",
    ),
    functools: words(
      "wraps lru_cache partial reduce cache cached_property singledispatch total_ordering",
    ),
    asyncio: words(
      "run sleep gather create_task Event Lock Queue Semaphore TaskGroup timeout to_thread wait wait_for",
    ),
    time: words("time sleep perf_counter monotonic strftime time_ns"),
    logging: words(
      "getLogger info error warning debug basicConfig exception DEBUG INFO WARNING ERROR",
    ),
  },
  snippets: {
    if: "if condition:\n\tpass",
    elif: "elif condition:\n\tpass",
    else: "else:\n\tpass",
    for: "for item in items:\n\tpass",
    while: "while condition:\n\tpass",
    def: "def name():\n\tpass",
    class: "class Name:\n\tdef __init__(self):\n\t\tpass",
    try: "try:\n\tpass\nexcept Exception as error:\n\traise",
    with: 'with open("name", encoding="utf-8") as file:\n\tpass',
    async: "async def name():\n\tpass",
    match: "match value:\n\tcase _:\n\t\tpass",
  },
};

const SCRIPT: Vocabulary = {
  statements: words(
    "async await break class const continue debugger do else export for function if import let return switch throw try while yield",
  ),
  expressions: words(
    "async await class delete false function in instanceof new null super this true typeof undefined void yield",
  ),
  builtins: words(`
    AbortController Array ArrayBuffer BigInt Boolean Date Error Headers Infinity Intl JSON Map Math NaN Number Object
    Promise RangeError RegExp Request Response Set String Symbol TextDecoder TextEncoder TypeError URL URLSearchParams
    Uint8Array WeakMap clearTimeout console crypto decodeURIComponent encodeURIComponent fetch globalThis isNaN
    parseFloat parseInt queueMicrotask setInterval setTimeout structuredClone
  `),
  modules: [],
  members: {
    console: words("log error warn info assert debug table time timeEnd trace"),
    Math: words(
      "floor max min round random abs cbrt ceil cos exp hypot log log10 log2 PI pow sign sin sqrt tan trunc",
    ),
    JSON: words("stringify parse"),
    Object: words(
      "keys entries values assign create defineProperty freeze fromEntries groupBy hasOwn is",
    ),
    Array: words("from isArray fromAsync of"),
    Promise: words("all resolve reject allSettled any race try withResolvers"),
    Number: words(
      "isInteger isNaN parseFloat EPSILON MAX_SAFE_INTEGER isFinite isSafeInteger parseInt",
    ),
    Date: words("now parse UTC"),
    crypto: words("randomUUID getRandomValues subtle"),
  },
  snippets: {
    if: "if (condition) {\n\t\n}",
    else: "else {\n\t\n}",
    for: "for (const item of items) {\n\t\n}",
    while: "while (condition) {\n\t\n}",
    function: "function name() {\n\t\n}",
    class: "class Name {\n\tconstructor() {\n\t\t\n\t}\n}",
    try: "try {\n\t\n} catch (error) {\n\tthrow error;\n}",
    switch: "switch (value) {\n\tdefault:\n\t\tbreak;\n}",
    async: "async function name() {\n\t\n}",
    import: 'import { name } from "module";',
  },
};

export const VOCABULARIES: Readonly<Record<CodeLanguage, Vocabulary>> = {
  python: PYTHON,
  javascript: SCRIPT,
  typescript: {
    ...SCRIPT,
    statements: [...SCRIPT.statements, ...words("abstract declare enum interface namespace type")],
    expressions: [...SCRIPT.expressions, ...words("as satisfies")],
    snippets: {
      ...SCRIPT.snippets,
      interface: "interface Name {\n\t\n}",
      type: "type Name = {\n\t\n};",
      enum: "enum Name {\n\t\n}",
    },
  },
};
