import { expect, test } from "vitest";
import { parse } from "yaml";
import { serverDocument } from "../src/core/config/document.ts";
import { documentText } from "./documents.ts";

test("the benchmark's document is one that the gateway's schema takes, with as many tools as asked", () => {
  const text = documentText({ name: "bench", backendPort: 8080, tools: 20, edition: "second" });
  const document = serverDocument.parse(parse(text));
  expect(document.tools).toHaveLength(20);
  expect(new Set(document.tools.map(({ name }) => name)).size).toBe(20);
  expect(document.tools.every(({ description }) => description?.includes("second") === true)).toBe(true);
});
