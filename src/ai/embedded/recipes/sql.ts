import type { Recipe } from "./recipe";

const EMPLOYEES = `CREATE TABLE employees (id INTEGER PRIMARY KEY, name TEXT, department TEXT, salary INTEGER);
INSERT INTO employees VALUES (1,'Kim','dev',90),(2,'Lee','dev',90),(3,'Park','dev',70),(4,'Choi','ops',60),(5,'Jung','ops',50),(6,'Han','ops',40);`;
const ORDERS = `CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, ordered_on TEXT, amount INTEGER);
INSERT INTO customers VALUES (1,'Kim'),(2,'Lee'),(3,'Park');
INSERT INTO orders VALUES (1,1,'2026-01-05',10),(2,1,'2026-01-20',20),(3,2,'2026-02-01',5);`;

/** SQL as SQLite speaks it; what other databases write otherwise is told. */
export const SQL: readonly Recipe[] = [
  {
    id: "sql-second-highest",
    language: "sql",
    title: { ko: "두 번째로 높은 급여 찾기", en: "Find the second highest salary" },
    needs: "second|nthplace highest salary|value",
    keywords:
      "salary value query select employee employees table nth largest distinct 급여 연봉 값 조회 직원 테이블 쿼리 번째 찾기 구하기 월급",
    explanation: {
      ko: "DENSE_RANK는 같은 값에 같은 등수를 주므로 동점이 있어도 맞습니다. 2를 바꾸면 n번째가 됩니다.",
      en: "`DENSE_RANK` gives equal values one rank, so ties do no harm. Another number than 2 finds the n-th.",
    },
    code: `SELECT DISTINCT salary
FROM (
  SELECT salary, DENSE_RANK() OVER (ORDER BY salary DESC) AS place
  FROM employees
) AS ranked
WHERE place = 2;
`,
    check: { setup: EMPLOYEES, rows: [{ salary: 70 }] },
  },
  {
    id: "sql-find-duplicates",
    language: "sql",
    title: { ko: "중복된 행 찾기", en: "Find duplicate rows" },
    needs: "find|select duplicate",
    keywords:
      "rows row values value records table column query group by having count email 행 값 레코드 테이블 열 컬럼 쿼리 조회 데이터 이메일 개수",
    explanation: {
      ko: "같은 값끼리 묶고 두 개 이상인 묶음만 HAVING으로 남깁니다. 여러 열이 같아야 중복이면 GROUP BY에 함께 적습니다.",
      en: "Equal values are grouped and `HAVING` keeps groups of more than one. Name several columns in `GROUP BY` where all must be equal.",
    },
    code: `SELECT email, COUNT(*) AS occurrences
FROM users
GROUP BY email
HAVING COUNT(*) > 1
ORDER BY occurrences DESC, email;
`,
    check: {
      setup:
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO users (email) VALUES ('a'),('b'),('a'),('c'),('b'),('a');",
      rows: [
        { email: "a", occurrences: 3 },
        { email: "b", occurrences: 2 },
      ],
    },
  },
  {
    id: "sql-delete-duplicates",
    language: "sql",
    title: {
      ko: "중복된 행을 하나만 남기고 지우기",
      en: "Delete duplicate rows, keeping one of each",
    },
    needs: "remove duplicate row|record|table|data",
    keywords:
      "rows row keep keeping one each records table query oldest 행 하나 남기 남기고 레코드 테이블 쿼리 데이터 값",
    explanation: {
      ko: "묶음마다 가장 작은 id를 남기고 나머지를 지웁니다. 먼저 같은 조건의 SELECT로 지워질 행을 확인하고 트랜잭션 안에서 실행하세요.",
      en: "Of each group the smallest id stays and the rest goes. Look with a `SELECT` of the same condition first, and run it in a transaction.",
    },
    code: `DELETE FROM users
WHERE id NOT IN (
  SELECT MIN(id)
  FROM users
  GROUP BY email
);
`,
    check: {
      setup:
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO users (email) VALUES ('a'),('b'),('a'),('c'),('b');",
      readBack: "SELECT id, email FROM users ORDER BY id",
      rows: [
        { id: 1, email: "a" },
        { id: 2, email: "b" },
        { id: 4, email: "c" },
      ],
    },
  },
  {
    id: "sql-top-n-per-group",
    language: "sql",
    title: { ko: "그룹마다 상위 n개 뽑기", en: "Top n rows of each group" },
    needs: "top|highest group|department|category|each",
    keywords:
      "n rows row three each per every highest paid employees salary category select query partition by within table 상위 개 위 그룹 별 마다 행 부서 종류 직원 상품 급여 쿼리 조회 카테고리",
    explanation: {
      ko: "ROW_NUMBER가 묶음마다 1부터 번호를 매깁니다. 동점을 모두 넣으려면 RANK를 쓰세요.",
      en: "`ROW_NUMBER` counts from 1 within each group. Use `RANK` where ties should all be in.",
    },
    code: `SELECT department, name, salary
FROM (
  SELECT department, name, salary,
         ROW_NUMBER() OVER (PARTITION BY department ORDER BY salary DESC, id) AS place
  FROM employees
) AS ranked
WHERE place <= 2
ORDER BY department, place;
`,
    check: {
      setup: EMPLOYEES,
      rows: [
        { department: "dev", name: "Kim", salary: 90 },
        { department: "dev", name: "Lee", salary: 90 },
        { department: "ops", name: "Choi", salary: 60 },
        { department: "ops", name: "Jung", salary: 50 },
      ],
    },
  },
  {
    id: "sql-running-total",
    language: "sql",
    title: { ko: "누적 합계 구하기", en: "Running total" },
    needs: "running|cumulative total",
    keywords:
      "sum cumulative running total amount by date order window function query calculate table column 누적 합계 합 날짜 순서 금액 쿼리 윈도 함수 구하기 계산 일별 매출",
    explanation: {
      ko: "SUM에 OVER (ORDER BY …)를 붙이면 그 행까지의 합이 됩니다. ROWS를 적어야 같은 날짜의 행도 한 줄씩 더해집니다.",
      en: "`SUM` with `OVER (ORDER BY …)` adds up to the row itself. `ROWS` makes rows of the same date count one by one.",
    },
    code: `SELECT id, ordered_on, amount,
       SUM(amount) OVER (
         ORDER BY ordered_on, id
         ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
       ) AS running_total
FROM orders
ORDER BY ordered_on, id;
`,
    check: {
      setup: ORDERS,
      rows: [
        { id: 1, ordered_on: "2026-01-05", amount: 10, running_total: 10 },
        { id: 2, ordered_on: "2026-01-20", amount: 20, running_total: 30 },
        { id: 3, ordered_on: "2026-02-01", amount: 5, running_total: 35 },
      ],
    },
  },
  {
    id: "sql-without-match",
    language: "sql",
    title: { ko: "주문이 없는 고객 찾기", en: "Find customers without orders" },
    needs: "customer|row|record without order|match",
    keywords:
      "no any never find select rows left join other table not exists missing matching query records who have placed 찾기 조회 다른 테이블 조인 행 쿼리 없는 한 번도 적",
    explanation: {
      ko: "NOT EXISTS는 짝이 없는 행만 남깁니다. NOT IN과 달리 customer_id에 NULL이 있어도 결과가 비지 않습니다.",
      en: "`NOT EXISTS` keeps rows that have no match. Unlike `NOT IN` it is not emptied by a `NULL` among the ids.",
    },
    code: `SELECT customers.id, customers.name
FROM customers
WHERE NOT EXISTS (
  SELECT 1
  FROM orders
  WHERE orders.customer_id = customers.id
)
ORDER BY customers.id;
`,
    check: {
      setup: `${ORDERS} INSERT INTO orders VALUES (4, NULL, '2026-03-01', 1);`,
      rows: [{ id: 3, name: "Park" }],
    },
  },
  {
    id: "sql-upsert",
    language: "sql",
    title: { ko: "있으면 갱신하고 없으면 삽입하기(upsert)", en: "Upsert: insert or update" },
    needs: "upsert|insert upsert|update",
    keywords:
      "insert or update if exists row conflict on not else record query 없으면 있으면 행 충돌 갱신 삽입 쿼리 레코드",
    explanation: {
      ko: "ON CONFLICT는 유일 키가 겹칠 때 무엇을 할지 정합니다(SQLite, PostgreSQL). excluded는 넣으려던 값입니다. MySQL은 ON DUPLICATE KEY UPDATE를 씁니다.",
      en: "`ON CONFLICT` says what to do where a unique key is taken (SQLite, PostgreSQL); `excluded` holds the new values. MySQL writes `ON DUPLICATE KEY UPDATE`.",
    },
    code: `INSERT INTO counters (name, hits)
VALUES ('home', 1)
ON CONFLICT (name) DO UPDATE SET hits = counters.hits + excluded.hits;
`,
    check: {
      setup:
        "CREATE TABLE counters (name TEXT PRIMARY KEY, hits INTEGER); INSERT INTO counters VALUES ('home', 4), ('other', 1);",
      readBack: "SELECT * FROM counters ORDER BY name",
      rows: [
        { name: "home", hits: 5 },
        { name: "other", hits: 1 },
      ],
    },
  },
  {
    id: "sql-group-by-month",
    language: "sql",
    title: { ko: "월별로 집계하기", en: "Totals by month" },
    needs: "month total|group|count",
    keywords:
      "by per each monthly month sum orders sales aggregate group date query amount table 월 별 집계 합계 합 주문 매출 날짜 쿼리 건수 금액 그룹",
    explanation: {
      ko: "strftime은 날짜를 연-월로 줄입니다(SQLite). PostgreSQL은 to_char(ordered_on, 'YYYY-MM'), MySQL은 DATE_FORMAT(ordered_on, '%Y-%m')입니다.",
      en: "`strftime` cuts a date to year and month (SQLite). PostgreSQL has `to_char(ordered_on, 'YYYY-MM')`, MySQL `DATE_FORMAT(ordered_on, '%Y-%m')`.",
    },
    code: `SELECT strftime('%Y-%m', ordered_on) AS month,
       COUNT(*) AS orders,
       SUM(amount) AS total
FROM orders
GROUP BY month
ORDER BY month;
`,
    check: {
      setup: ORDERS,
      rows: [
        { month: "2026-01", orders: 2, total: 30 },
        { month: "2026-02", orders: 1, total: 5 },
      ],
    },
  },
  {
    id: "sql-pagination",
    language: "sql",
    title: { ko: "키셋 방식으로 페이지 나누기", en: "Paginate with a keyset" },
    needs: "pagination",
    keywords:
      "paginate pagination page pages rows results limit offset keyset cursor query next table 페이지 페이징 나누기 행 결과 커서 쿼리 다음 처리 테이블 조회",
    explanation: {
      ko: "앞 페이지의 마지막 id 다음부터 읽으므로 뒤쪽 페이지도 빠르고, 중간에 행이 늘어도 겹치지 않습니다. OFFSET은 건너뛸 행을 모두 읽습니다.",
      en: "Reading on from the last id of the page before is fast on late pages too, and new rows don't shift it. `OFFSET` reads all that it skips.",
    },
    code: `SELECT id, name
FROM employees
WHERE id > 2 -- the last id of the page before; 0 for the first page
ORDER BY id
LIMIT 2;
`,
    check: {
      setup: EMPLOYEES,
      rows: [
        { id: 3, name: "Park" },
        { id: 4, name: "Choi" },
      ],
    },
  },
];
