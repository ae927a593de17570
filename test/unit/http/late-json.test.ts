import { expect, test } from "vitest";
import { lateJson } from "#http/late-json";

test("JSON that comes late is the JSON that a reader gets, whatever blanks came before it", async () => {
  const { promise, resolve } = Promise.withResolvers<object>();
  const { body, finished } = lateJson(() => promise, 1);
  const [first, whole] = body.tee();
  const { value } = await first.getReader().read();
  expect(new TextDecoder().decode(value)).toBe(" ");
  resolve({ tasks: ["나루"] });
  await finished;
  expect(await new Response(whole).json()).toEqual({ tasks: ["나루"] });
});

test("who makes it learns that the reader has left, and what it makes then goes nowhere", async () => {
  let isTold = false;
  const { body, finished } = lateJson(async (left) => {
    await new Promise<void>((resolve) => {
      left.addEventListener("abort", () => resolve());
    });
    isTold = left.aborted;
    return {};
  });
  await body.cancel();
  await finished;
  expect(isTold).toBe(true);
});

test("a failure breaks the body off rather than letting half of it pass for the whole", async () => {
  const { body, finished } = lateJson(() => Promise.reject(new Error("lost")));
  await expect(new Response(body).text()).rejects.toThrow("lost");
  await finished;
});
