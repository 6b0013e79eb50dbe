import { describe, expect, test } from "vitest";
import { AppError } from "../core/errors.ts";
import { compileCondition, compileText, compileValue, type Variable } from "./template.ts";
import { collectingScope, scopeWith } from "./testing.ts";

function problemsOf(text: string, visible: readonly Variable[] = ["args", "request", "secrets"]): readonly string[] {
  const scope = collectingScope(visible);
  compileText(text, ["here"], scope);
  return scope.problems.map(({ message, mend }) => (mend === undefined ? message : `${message}; ${mend}`));
}

const known = "known here are args, request, secrets";

describe("an expression that cannot be compiled says where and why", () => {
  test.each([
    ["${args.id +}", "the expression ${args.id +} is wrong at character 12: it ends too early"],
    ["x ${1 + + 2}", 'the expression ${1 + + 2} is wrong at character 9: unexpected token: "+"'],
    ["${args.a[1}", 'the expression ${args.a[1} is wrong at character 11: expected "]", got the end'],
    ["${}", "the expression ${} is wrong at character 3: it is empty; write `$${` for a literal `${`"],
    ["${ }", "the expression ${} is wrong at character 3: it is empty; write `$${` for a literal `${`"],
    ["${id}", `the expression \${id} is wrong at character 3: \`id\` is not known; did you mean \`args.id\`? ${known}`],
    [
      "${arg.id}",
      `the expression \${arg.id} is wrong at character 3: \`arg\` is not known; did you mean \`args\`? ${known}`,
    ],
    [
      "a ${1 + id}",
      `the expression \${1 + id} is wrong at character 9: \`id\` is not known; did you mean \`args.id\`? ${known}`,
    ],
    [
      "${response.body}",
      `the expression \${response.body} is wrong at character 3: \`response\` is not available here; ${known}`,
    ],
    [
      "${ event.id + 'x'}",
      `the expression \${event.id + 'x'} is wrong at character 4: \`event\` is not available here; ${known}`,
    ],
    [
      "${env.HOME}",
      `the expression \${env.HOME} is wrong at character 3: \`env\` is not known; did you mean \`args.env\`? ${known}`,
    ],
    [
      "${process.exit()}",
      `the expression \${process.exit()} is wrong at character 3: \`process\` is not known; did you mean \`args.process\`? ${known}`,
    ],
    [
      "${args.x.frobnicate()}",
      "the expression ${args.x.frobnicate()} is wrong at character 3: found no matching overload for 'dyn.frobnicate()'",
    ],
    ["${'a' + 1}", "the expression ${'a' + 1} is wrong at character 3: no such overload: string + int"],
    ["${1 / 0}", "the expression ${1 / 0} is wrong at character 3: it divides by zero"],
    [
      "${args.x",
      "the expression that begins at character 1 is never closed; close it with `}`, or write `$${` for a literal `${`",
    ],
    [
      "${'open}",
      "the expression that begins at character 1 is never closed; close it with `}`, or write `$${` for a literal `${`",
    ],
  ])("%s", (text, expected) => {
    expect(problemsOf(text)).toStrictEqual([expected]);
  });

  test.each([
    "${secrets}",
    "${string(secrets)}",
    "${secrets[args.x]}",
    "${secrets.map(s, s)}",
    "${secrets.A.b}",
    "${toJson([secrets])}",
  ])("%s uses the secrets other than one by one", (text) => {
    expect(problemsOf(text)[0]).toContain("secrets can only be used one by one, by their names");
  });

  test("variables of macros may have any name", () => {
    expect(problemsOf("${args.list.map(event, event.id)}")).toStrictEqual([]);
    expect(problemsOf("${args.list.map(secrets, secrets)}")).toStrictEqual([]);
    expect(problemsOf("${cel.bind(response, args.x, response + 1)}")).toStrictEqual([]);
    expect(problemsOf("${args.list.map(event, event.id) + [event.id]}")[0]).toContain("`event` is not available here");
  });

  test("and fails when it is evaluated all the same", () => {
    for (const text of ["${id}", "x${id}y", "${never closed"]) {
      const template = compileValue({ a: [text] }, ["here"], collectingScope());
      expect(() => template.evaluate(scopeWith({}))).toThrow(AppError);
    }
  });
});

test("each of several problems is reported with its path", () => {
  const scope = collectingScope();
  compileValue({ a: "${x}", b: ["ok", "${y} ${z}"] }, ["body"], scope);
  expect(scope.problems.map(({ path }) => path)).toStrictEqual([
    ["body", "a"],
    ["body", "b", 1],
    ["body", "b", 1],
  ]);
});

test("arguments that the input does not describe are warnings with a guess", () => {
  const scope = { ...collectingScope(), argumentNames: new Set(["customer"]) };
  compileValue(["${args.custmer}", "${args.customer + args.nothing_like_it}", "${has(args.customr)}"], ["v"], scope);
  expect(scope.problems.map(({ severity, message, mend }) => [severity, message.slice(0, 60), mend])).toStrictEqual([
    ["warning", "the expression ${args.custmer} reads args.custmer at charact", "did you mean `args.customer`?"],
    [
      "warning",
      "the expression ${args.customer + args.nothing_like_it} reads",
      "add it to the properties of the input",
    ],
    ["warning", "the expression ${has(args.customr)} reads args.customr at ch", "did you mean `args.customer`?"],
  ]);
});

test.each(["x ${args.a}", "${args.a}${args.b}", "${'text'}", "${size(args.a)}", "args.a +"])(
  "the condition %s is refused",
  (text) => {
    const scope = collectingScope();
    compileCondition(text, ["when"], scope);
    expect(scope.problems).toHaveLength(1);
  },
);
