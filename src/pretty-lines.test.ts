import { expect, test } from "vitest";
import { prettyLines } from "./pretty-lines.ts";

test("log and access log lines become lines for people", () => {
  const lines = [
    '{"level":"warn","time":0,"event":"document refused","document":"a.yaml#0","problems":2}',
    '{"time":61000,"method":"tools/call","us":1500}',
    "not JSON",
    '{"broken',
    "",
  ];
  expect(prettyLines(lines.join("\n"))).toBe(
    [
      "00:00:00.000 warn  document refused document=a.yaml#0 problems=2",
      "00:01:01.000 info  message method=tools/call us=1500",
      "not JSON",
      '{"broken',
      "",
    ].join("\n"),
  );
});
