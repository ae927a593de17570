/**
 * Words that head every list of leaked passwords, without the digits and signs that people put behind them: `password`
 * stands for `Password`, `password1` and `Password123!`.
 */
const STEMS =
  `password passwort passw0rd p@ssword p@ssw0rd pa55word pa$$word pa$$w0rd passwordpassword mypassword thepassword newpassword changeme
changeit letmein letmeinnow welcome welcometo admin administrator adminadmin root rootroot toor user username guest default login
master supervisor secret topsecret private test testing testtest testuser temp temporary temppass qwerty qwertyuiop qwertyui qwert
qwer qwerqwer qwertyqwerty qweasd qweasdzxc qazwsx qazwsxedc qazxsw wsxedc asdf asdfasdf asdfgh asdfghjk asdfghjkl zxcvbn zxcvbnm
zxcvzxcv zaqwsx azerty azertyuiop iloveyou iloveu iloveme loveyou loveme lovelove sunshine princess football baseball basketball
softball soccer hockey superman batman spiderman starwars pokemon pikachu naruto dragon monkey shadow michael jordan jennifer jessica
ashley daniel charlie matthew andrew joshua thomas robert george michelle nicole samantha elizabeth victoria alexander jonathan
christian computer internet whatever trustno trustnoone freedom killer hunter ranger buster tigger summer winter spring autumn monday
friday january february march april august september october november december ginger pepper cookie chocolate butterfly rainbow
strawberry blueberry cheese banana orange purple yellow silver golden diamond mustang corvette ferrari porsche mercedes harley
yamaha yankees cowboys eagles steelers lakers liverpool chelsea arsenal barcelona juventus manchester metallica slipknot nirvana
blink eminem google facebook instagram twitter linkedin microsoft windows samsung iphone android apple oracle cisco ubuntu
hello helloworld hellohello goodbye access accessdenied abcdef abcdefg abcdefgh abcdefghi abcabc aabbcc abc abcd qwe qaz zaq asd zxc aa
aaa aaaa a1234567 a12345678 a123456789 q1234567 babygirl babyboy baby angel angels lovely loveyouforever forever friends family mother father sister
brother jesus jesuschrist christ godisgood blessed heaven matrix phoenix thunder lightning storm snoopy scooby mickey minnie garfield
maverick gandalf merlin wizard pass passpass pass word secure security system server database network manager office company
business seoul korea korean daehanminguk saranghae saranghaeyo tkfkd tkfkdgo dkssud qlalfqjsgh bangtan naru
비밀번호 사랑해 사랑해요 대한민국 안녕하세요 관리자 테스트`.split(/\s+/);

const COMMON = new Set(STEMS);
/** With more than that around it, even a common word is not what guessers try first. */
const MAX_AFFIXES = 8;

/** Rows of a keyboard and of the alphabet, along which a hand or a mind runs. */
const RUNS = [
  "01234567890123456789",
  "abcdefghijklmnopqrstuvwxyz",
  "qwertyuiopasdfghjklzxcvbnm",
  "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
  "1q2w3e4r5t6y7u8i9o0p",
  "q1w2e3r4t5y6u7i8o9p0",
  "qazwsxedcrfvtgbyhnujmikolp",
  "!@#$%^&*()_+",
].flatMap((run) => [run, Array.from(run).reverse().join("")]);

/**
 * Whether a password is among those that guessers try first: a common word with at most digits and signs around it, one
 * thing over and over, or a run along the keyboard. Case does not matter.
 */
export function isCommonPassword(password: string): boolean {
  const text = password.toLowerCase();
  const stem = text.replace(/^[^\p{L}]+/u, "").replace(/[^\p{L}]+$/u, "");
  if (COMMON.has(text) || isRepeated(text) || RUNS.some((run) => run.includes(text))) return true;
  if (stem.length < 3 || text.length - stem.length > MAX_AFFIXES) return false;
  return COMMON.has(stem) || (stem.length >= 4 && RUNS.some((run) => run.includes(stem)));
}

/** Whether a text is one piece of up to four characters again and again. */
function isRepeated(text: string): boolean {
  const characters = Array.from(text);
  return [1, 2, 3, 4].some((size) =>
    characters.every((character, i) => character === characters[i % size]),
  );
}
