/**
 * The words in which people ask for what the recipes do, by what they mean, in both languages. Each line: the meaning, then its English forms
 * (stemmed when read), then its Korean stems with the forms that conjugation changes. What stands in no line is a word that nothing here is about.
 */
export const MEANINGS = `
read: read open load import loop iterate go through | 읽 열기 열어 불러오 불러와 불러올 로드
write: write save store export dump output | 쓰기 쓰는 쓰고 쓰려 써 쓸 저장 기록 내보내
append: append add | 덧붙 추가 이어쓰
file: file txt | 파일
folder: folder directory directories subfolders subdirectory | 폴더 디렉터리 디렉토리
extension: extension suffix | 확장자
path: path | 경로
line: line | 줄 라인 행
content: content contents | 내용
encoding: encoding utf-8 utf8 | 인코딩
text: text | 텍스트 글 문장
string: string str | 문자열 글자 스트링
character: character char letter | 문자
word: word | 단어 낱말
csv: csv | csv
json: json | json 제이슨
excel: excel | 엑셀
header: header | 머리글 헤더
row: row | 행 로우
record: record | 레코드
column: column | 열 컬럼
table: table | 테이블 표
data: data | 데이터 자료
list: list lists | 리스트 목록
array: array arr | 배열
dictionary: dictionary dict dicts map mapping | 딕셔너리 딕트 사전
object: object obj | 객체 오브젝트
item: item element entry | 항목 요소 원소 아이템
key: key | 키
value: value | 값
property: property field attribute | 속성 필드 프로퍼티
number: number integer int numeric float | 숫자 수 정수 수를 수의 수들
sort: sort order sorting arrange | 정렬 소트
ascending: ascending increasing | 오름차순
descending: descending decreasing | 내림차순 역순
sequence: order | 순서 순
group: group groupby grouping bucket | 묶 묶어 묶기 그룹 그루핑 분류
split: split divide break slice | 나누 나눠 나눌 나눈 쪼개 자르 잘라 분할
chunk: chunk batch piece part | 개씩 묶음 조각 청크 배치
size: size | 크기
equal: equal even same | 같은 일정
remove: remove delete drop eliminate dedupe deduplicate | 없애 제거 지우 지워 지운 지울 삭제
duplicate: duplicate repeated dupe dedupe deduplicate duplication | 중복 겹치
unique: unique distinct | 고유 유일 유니크
keep: keep preserve keeping | 유지 지키 남기 남겨 남긴
flatten: flatten flat | 펼치 펼쳐 평탄화 납작
nested: nested inner multidimensional | 중첩 이중
deep: deep depth level | 깊은 깊이 깊게 단계
merge: merge combine join union | 합치 합쳐 합친 합칠 병합
two: two both 2 | 두 둘
one: one single 1 | 하나 한
average: average mean avg | 평균
median: median | 중앙값 중간값
deviation: deviation variance stdev | 표준편차 편차
statistics: statistics stats | 통계
reverse: reverse backward backwards invert flip | 뒤집 거꾸로 역순 반대로
palindrome: palindrome palindromic | 회문 팰린드롬
find: find search look locate get | 찾 검색 뽑 골라 구하 구해
extract: extract pull scrape | 추출 뽑아 뽑 골라내
email: email e-mail mail emails | 이메일 메일
address: address | 주소
regex: regex regexp regular expression pattern | 정규식 정규표현식 패턴
count: count counting tally | 세 셀 세어 세는 개수 갯수 카운트 건수
frequency: frequency frequencies occurrence occur common appear often times histogram | 빈도 횟수 나오 나온 나왔 등장 번씩
date: date dates datetime | 날짜 일자
day: day | 일수 며칠 날
between: between | 사이
difference: difference diff | 차이
time: time long runtime duration elapsed timing | 시간 타임
measure: measure measuring timing benchmark profile time long | 재 잴 재기 재는 측정 걸리 걸린 걸렸
execution: execution execute run running | 실행 수행
today: today current now | 오늘 현재 지금
format: format formatted display formatting | 형식 포맷 서식 표시 출력
parse: parse parsing | 파싱 해석 분석
convert: convert transform turn change conversion | 변환 바꾸 바꿔 바꾼 바꿀 전환
decorator: decorator | 데코레이터
retry: retry retries retrying | 재시도 다시시도 리트라이
again: again | 다시
try: try attempt attempts | 시도
fail: fail fails failing failure failed | 실패
error: error errors | 오류 에러
exception: exception exceptions | 예외
backoff: backoff exponential | 백오프 지수
call: call calls | 호출 부르
prime: prime primes | 소수
check: check whether test verify determine validate is if | 확인 판별 검사 판단 인지 여부
sieve: sieve eratosthenes | 체 에라토스테네스
fibonacci: fibonacci fib | 피보나치
factorial: factorial | 팩토리얼 계승
nth: nth n th | 번째
first: first | 처음 첫
gcd: gcd greatest common divisor | 최대공약수
lcm: lcm least multiple | 최소공배수
binary: binary bisect | 이진 이분
search: search | 탐색 검색
recursion: recursion recursive recursively | 재귀
debounce: debounce debouncing debounced | 디바운스 디바운싱
throttle: throttle throttling throttled | 스로틀 스로틀링 쓰로틀
event: event events | 이벤트
input: input typing | 입력
scroll: scroll resize | 스크롤
sleep: sleep | 슬립 sleep
wait: wait delay pause | 기다리 기다려 대기 지연 멈추 멈췄
second: second seconds | 초
async: async await asynchronous promise | 비동기 어싱크
copy: copy clone duplicate | 복사 복제 클론
comma: comma commas thousand thousands separator | 쉼표 콤마 천단위
currency: currency money won dollar krw price | 통화 원화 금액 화폐 가격
thousand: thousand | 천
unit: unit | 단위
shuffle: shuffle randomize randomise | 섞 셔플
random: random randomly | 무작위 랜덤
url: url uri | url 유알엘
query: query querystring | 쿼리
parameter: parameter param params | 파라미터 매개변수
result: result | result 리절트 결과
type: type typed types | 타입 형
guard: guard guards | 가드
narrow: narrow narrowing | 좁히
unknown: unknown any | unknown
union: union unions | 유니온 유니언
discriminated: discriminated tagged | 구별된 판별
exhaustive: exhaustive exhaustiveness never switch case | 빠짐없 switch 모든경우
generic: generic generics | 제네릭
emitter: emitter pubsub | 이미터 에미터
listener: listener subscribe subscription | 구독 리스너
memoize: memoize memoization memoise memo | 메모이제이션 메모이즈 메모
cache: cache caching | 캐시 캐싱
class: class | 클래스
handle: handle handling | 처리 다루
highest: highest largest maximum max biggest top | 높은 큰 최대 높 많은 최고
nthplace: second 2nd | 두번째 번째
salary: salary salaries wage | 급여 연봉 월급
employee: employee employees staff | 직원 사원
department: department dept | 부서
top: top best first | 상위 톱 위
each: each per every | 마다 별 별로 각
category: category | 카테고리 종류
select: select | 조회 셀렉트
running: running rolling | 누적
cumulative: cumulative accumulate accumulated | 누적
total: total sum totals subtotal | 합계 합 총합 집계 총
without: without no never not missing lack | 없는 없이 않은 안 적없
order: order orders | 주문
product: product goods | 상품 제품
customer: customer customers user users client | 고객 사용자 유저
match: match matching | 짝 일치 매칭
join: join left | 조인
upsert: upsert merge | 업서트 upsert
insert: insert add | 삽입 추가 넣 insert
update: update overwrite | 갱신 업데이트 수정 update
conflict: conflict exists exist already | 충돌 있으면 없으면
month: month monthly | 월 월별 달
sales: sales revenue | 매출 판매
pagination: pagination paginate page paging pages | 페이지 페이징 페이지네이션
next: next | 다음
limit: limit offset | limit offset
cursor: cursor keyset | 커서 키셋
calculate: calculate compute | 계산 구하 구해
generate: generate generator build | 생성 제너레이터
all: all every | 모든 모두 전체 전부
`.trim();

/** Words that every request may hold and that say nothing of what is asked for. */
export const EMPTY_WORDS = `
a an the this that these those it its to of in on at for from by with as and or so than then there be is are was do does did done doing
i me my we us our you your they them their he she who what which how why when where can could should would will may might must shall
please help want need like know show tell give make making create creating made write writing implement implementation get getting got use using used
way ways best simple simply easy easily quick quickly good nice example examples sample code snippet function functions method program script
routine class query statement command one some any just only also have has had if into up out about me let lets via
print algorithm over each per every given certain specific instead something stuff thing things want's i'd i'm what's how's hello hi thanks thank
어떻게 어떡해 방법 방식 법 좀 그 이 저 제 나 내 내가 제가 저는 나는 것 거 걸 게 수 때 및 또 또는 그리고 혹시 가장 간단 간단히 쉽 쉬운 좋 예제 예시 샘플
코드 소스 함수 프로그램 스크립트 메서드 구문 문 쿼리문 작성 짜 짜줘 만들 만드 구현 알려 알려줘 보여 보여줘 가르쳐 부탁 도와 주세요 주실 줘 줄래 싶 싶은 원하 하 하기 하는 하고 하려 한 할 해 했 되 된 되는 돼 될 있 있는 있을 어떤 무엇 뭐 왜 언제 여러 안녕 감사 사용 이용 써서 이용해 방법이 궁금 필요 가져오 가져와 알고리즘 개 명 번 건 특정 기준 대신 별 별로 마다 쓰 쓰는 쓰기 해당 주어진 출력
`.trim();

/** What may follow a Korean stem: particles and endings, in any succession. */
export const ENDINGS =
  `을 를 이 가 은 는 에 에서 에게 으로 로 와 과 의 도 만 까지 부터 이나 나 라도 처럼 보다 들 씩 인 인지 이고 이며 이면 기 기를 고 며 면 려면 으려면 려고 으려고 지 지만 는지 은지 을지 니 까 니까 요 다 어 아 여 서 어서 아서 야 는데 은데 ㄴ데 던 도록 게 겠 습니다 습니까 합니다 합니까 하나요 나요 가요 할까 할까요 해줘 해주세요 해 하기 하는 하는법 하고 하려면 하려고 하면 한 할 하자 하게 해서 하여 했 된 되는 되게 돼 줘 주세요 줄래 싶어 싶어요 싶은데 싶다 수 있 있는 있나 있나요 없 법 방법 때 것 건 걸 거 을까 을까요 은 을 음 ㅁ 오 오기 오는 오고 와서`.split(
    /\s+/,
  );

/** How the languages of the recipes are called. */
export const LANGUAGE_NAMES: Readonly<Record<string, readonly string[]>> = {
  python: ["python", "python3", "py", "파이썬", "파이선"],
  javascript: ["javascript", "js", "node", "nodejs", "ecmascript", "자바스크립트", "노드"],
  typescript: ["typescript", "ts", "타입스크립트"],
  sql: ["sql", "sqlite", "에스큐엘"],
};

/** Languages and systems of which there are no recipes: a question that names one of them has no answer here. */
export const FOREIGN_NAMES =
  `java c c++ cpp c# csharp f# go golang rust php ruby swift kotlin scala perl r matlab julia haskell elixir erlang clojure lua dart fortran cobol assembly bash shell powershell zsh awk sed html css sass react vue angular svelte jquery django flask fastapi spring rails laravel pandas numpy scipy tensorflow pytorch mysql mariadb postgres postgresql oracle mssql t-sql mongodb mongo redis cassandra elasticsearch graphql vba prolog 자바 씨언어 c언어 러스트 고랭 코틀린 스위프트 루비 펄 셸 쉘 배시 리액트 뷰 장고 플라스크 스프링 판다스 넘파이 포스트그레스 몽고디비 레디스 오라클 엑셀매크로`.split(
    /\s+/,
  );
