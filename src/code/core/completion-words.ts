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
  /** Members of well-known modules and objects. */
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
      "ceil comb cos dist e exp factorial floor gcd hypot inf isclose isnan lcm log log10 log2 nan perm pi pow prod sin sqrt tan trunc",
    ),
    os: words(
      "chdir environ getcwd getenv listdir makedirs mkdir name path remove rename rmdir scandir sep walk",
    ),
    json: words("dump dumps load loads JSONDecodeError"),
    random: words("choice choices gauss randint random randrange sample seed shuffle uniform"),
    re: words("compile escape findall finditer fullmatch match search split sub"),
    sys: words(
      "argv executable exit maxsize modules path platform stderr stdin stdout version_info",
    ),
    datetime: words("date datetime time timedelta timezone UTC"),
    collections: words("ChainMap Counter OrderedDict defaultdict deque namedtuple"),
    itertools: words(
      "accumulate batched chain combinations count cycle groupby islice pairwise permutations product repeat takewhile zip_longest",
    ),
    functools: words(
      "cache cached_property lru_cache partial reduce singledispatch total_ordering wraps",
    ),
    asyncio: words(
      "Event Lock Queue Semaphore TaskGroup create_task gather run sleep timeout to_thread wait wait_for",
    ),
    time: words("monotonic perf_counter sleep strftime time time_ns"),
    logging: words(
      "basicConfig debug error exception getLogger info warning DEBUG INFO WARNING ERROR",
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
    console: words("assert debug error info log table time timeEnd trace warn"),
    Math: words(
      "abs cbrt ceil cos exp floor hypot log log10 log2 max min PI pow random round sign sin sqrt tan trunc",
    ),
    JSON: words("parse stringify"),
    Object: words(
      "assign create defineProperty entries freeze fromEntries groupBy hasOwn is keys values",
    ),
    Array: words("from fromAsync isArray of"),
    Promise: words("all allSettled any race reject resolve try withResolvers"),
    Number: words(
      "EPSILON MAX_SAFE_INTEGER isFinite isInteger isNaN isSafeInteger parseFloat parseInt",
    ),
    Date: words("now parse UTC"),
    crypto: words("getRandomValues randomUUID subtle"),
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
