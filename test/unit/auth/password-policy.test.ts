import { expect, test } from "vitest";
import { checkPassword } from "#auth/core/password-policy";

test.each([
  "correct horse battery",
  "Str0ng-Passw0rd-Here",
  "TestPassword123!",
  "한강을 건너는 나룻배",
  "나루에서 만나요!",
  "🦆🦆🚣🌊🌙⛵🐟🪷",
  "x7#Kq2vL",
  "8472993711235542",
  " leading and trailing ",
  "a".repeat(8) + "b",
  `password and then ${"very ".repeat(5)}much more`,
  `${"ab".repeat(30)}${"cd".repeat(33)}ef`,
])("%j is taken", (password) => {
  expect(checkPassword(password)).toBeNull();
});

test.each([
  ["", "too_small"],
  ["1234567", "too_small"],
  ["🦆🦆🦆🚣🌊🌙⛵", "too_small"],
  // Seven characters, however many code points they were typed as.
  ["é".normalize("NFD").repeat(7), "too_small"],
  ["비밀번호길이가".normalize("NFD"), "too_small"],
  ["ab".repeat(64) + "c", "too_big"],
  ["x".repeat(100_000), "too_big"],
] as const)("%j is %s", (password, fault) => {
  expect(checkPassword(password)).toBe(fault);
});

test.each([
  "password",
  "PASSWORD",
  "Password1",
  "Password123!",
  "p@ssw0rd1",
  "12345678",
  "123456789",
  "87654321",
  "11111111",
  "abababab",
  "abcdabcd",
  "qwertyui",
  "qwerty123",
  "Qwerty123!",
  "1qaz2wsx",
  "1q2w3e4r",
  "asdfghjkl",
  "zxcvbnm1",
  "iloveyou",
  "iloveyou2",
  "welcome1",
  "letmein1",
  "admin123",
  "football",
  "sunshine",
  "princess1",
  "trustno1",
  "starwars",
  "computer",
  "michelle",
  "비밀번호1234",
  "tkfkdgo1",
])("%j is too common", (password) => {
  expect(checkPassword(password)).toBe("password_too_common");
});

test("a password of 128 characters is taken, of any script", () => {
  expect(checkPassword("나루에서만나요".repeat(20).slice(0, 128))).toBeNull();
  expect(checkPassword("나루에서만나요".repeat(20).slice(0, 129))).toBe("too_big");
});
