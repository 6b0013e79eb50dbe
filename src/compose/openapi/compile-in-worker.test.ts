import { expect, test } from "vitest";
import { AppError } from "../../core/errors.ts";
import { compileInWorker } from "./compile-in-worker.ts";

const text = `openapi: 3.0.0
info: { title: T, version: "1" }
paths: { /a: { $ref: "a.yaml" }, /b: { $ref: "b.yaml" } }`;
const source = { name: "api.yaml", text, address: "https://api.example/api.yaml" };
const choices = { baseUrl: "https://api.example" };

test("a worker compiles, and asks this thread for documents", { timeout: 120_000 }, async () => {
  const progress: number[] = [];
  const { document, report } = await compileInWorker(source, choices, {
    progress: ({ done, all }) => progress.push(done / all),
    load: async (address) => {
      if (address.endsWith("/b.yaml")) throw new AppError("unprocessable", "It is not there.");
      return "get: { responses: {} }";
    },
  });
  expect(document["tools"]).toMatchObject([{ name: "get_a" }]);
  expect(report.entries.map(({ outcome }) => outcome)).toEqual(["taken", "refused"]);
  expect(report.entries[1]?.notes[0]?.message).toContain("It is not there");
  expect(progress.at(-1)).toBe(1);
});

test("what is no description is the error that it is without a worker", { timeout: 120_000 }, async () => {
  const wrong = compileInWorker({ name: "page.html", text: "<html>" }, choices, { load: never });
  await expect(wrong).rejects.toMatchObject({
    code: "unprocessable",
    message: expect.stringContaining("page.html: this is a page"),
  });
});

test("an abort ends it while it waits for a document", { timeout: 120_000 }, async () => {
  const abort = new AbortController();
  const asked = compileInWorker(source, choices, {
    signal: abort.signal,
    load: () => {
      abort.abort();
      return never();
    },
  });
  await expect(asked).rejects.toMatchObject({ code: "cancelled" });
});

test("the time is bounded", { timeout: 120_000 }, async () => {
  const slow = compileInWorker(source, choices, { load: never, timeoutMs: 50 });
  await expect(slow).rejects.toMatchObject({ code: "timed_out" });
});

test("so is the memory", { timeout: 120_000 }, async () => {
  const many = Array.from({ length: 200_000 }, (_, index) => `"/p${index}":{"get":{"responses":{}}}`);
  const large = { name: "large.json", text: `{"openapi":"3.1.0","paths":{${many.join(",")}}}` };
  const asked = compileInWorker(large, choices, { load: never, maxMemoryMb: 64 });
  await expect(asked).rejects.toMatchObject({
    code: "unprocessable",
    message: expect.stringContaining("64 MB of memory"),
  });
});

function never(): Promise<string> {
  return new Promise(() => undefined);
}
