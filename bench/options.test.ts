import { expect, test } from "vitest";
import { parseOptions } from "./options.ts";

const rows = ["ping", "reload"];

test("without options everything is measured in full", () => {
  expect(parseOptions([], rows)).toEqual({ kind: "run", options: { mode: "full", only: [], isProfiling: false } });
});

test("rows can be chosen more than once", () => {
  expect(parseOptions(["--quick", "--only", "ping", "--only", "reload"], rows)).toEqual({
    kind: "run",
    options: { mode: "quick", only: ["ping", "reload"], isProfiling: false },
  });
});

test("profiling measures one row in quick mode", () => {
  expect(parseOptions(["--profile", "ping"], rows)).toEqual({
    kind: "run",
    options: { mode: "quick", only: ["ping"], isProfiling: true },
  });
});

test("an unknown row or option is refused with what there is", () => {
  expect(parseOptions(["--only", "pong"], rows)).toEqual({
    kind: "wrong",
    message: 'There is no row "pong". The rows are: ping, reload.',
  });
  expect(parseOptions(["--fast"], rows)).toMatchObject({ kind: "wrong" });
});
