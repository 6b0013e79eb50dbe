import type { z } from "zod";
import { isJsonObject } from "../json.ts";
import { nearest } from "../nearest.ts";
import { type DocumentPath, formatPath, type Problem } from "../problem.ts";
import { allTypeNames, describeFound, keysOf, quoted, typeName } from "./issue-words.ts";
import { declaredAt, requiredKeys, schemaAt, unionOptions, valueAt } from "./schema-walk.ts";
import { chooseVariant } from "./union-variant.ts";

type Issue = z.core.$ZodIssue;
type Schema = z.core.$ZodType;

/** A problem with what is needed to see that two of them are one mistake. */
export interface IssueProblem extends Problem {
  /** Path text of the key that is missing. */
  readonly missing?: string;
  /** Path text of the key that an unknown key was probably meant to be. */
  readonly meant?: string;
}

/**
 * What one issue of the schema library means to the person who wrote the document. `schema` is the
 * schema of `root`, and the issue's path starts there.
 */
export function issueProblems(issue: Issue, schema: Schema, root: unknown, base: DocumentPath = []): IssueProblem[] {
  const inner = documentPath(issue.path);
  const path = [...base, ...inner];
  const value = valueAt(root, inner);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey(key, path, schemaAt(schema, inner, root)));
    case "invalid_union":
      return unionProblems(issue, declaredAt(schema, inner, root), value, path);
    case "invalid_key":
      return [
        { severity: "error", path, atKey: true, message: `the name ${issue.issues[0]?.message ?? "is not valid"}` },
      ];
    case "invalid_type":
    case "custom":
    case "invalid_value":
      if (value === undefined) return [missingKey(path, schemaAt(schema, inner, root))];
      return [wrongValue(issue, path, value)];
    case "too_small":
    case "too_big":
      return [wrongSize(issue, path, value)];
    case "invalid_format":
    case "invalid_element":
    case "not_multiple_of":
      return [{ severity: "error", path, message: `${issue.message}, found ${describeFound(value)}` }];
    default:
      return issue satisfies never;
  }
}

function unknownKey(key: string, path: DocumentPath, schema: Schema | undefined): IssueProblem {
  const known = keysOf(schema);
  const meant = nearest(key, known);
  const problem = {
    severity: "error",
    path: [...path, key],
    atKey: true,
    message: `unknown key ${quoted(key)}`,
  } as const;
  if (meant === undefined) return { ...problem, mend: `the keys known here are ${known.join(", ")}` };
  return { ...problem, mend: `did you mean ${quoted(meant)}?`, meant: formatPath([...path, meant]) };
}

function missingKey(path: DocumentPath, schema: Schema | undefined): IssueProblem {
  const last = path.at(-1);
  if (last === undefined) {
    const keys = schema === undefined ? [] : requiredKeys(schema);
    return { severity: "error", path, message: "the document is empty", mend: `add the keys ${keys.join(" and ")}` };
  }
  const key = quoted(String(last));
  const what = typeName(schema);
  return {
    severity: "error",
    path,
    message: `missing key ${key}`,
    mend: what === undefined ? `add ${key}` : `add ${key}: ${what}`,
    missing: formatPath(path),
  };
}

function wrongValue(
  issue: Extract<Issue, { code: "invalid_type" | "custom" | "invalid_value" }>,
  path: DocumentPath,
  value: unknown,
): IssueProblem {
  const found = describeFound(value);
  if (issue.code === "custom") return { severity: "error", path, message: `${issue.message}, found ${found}` };
  if (issue.code === "invalid_value") {
    const choices = issue.values.map(String);
    const meant = typeof value === "string" ? nearest(value, choices) : undefined;
    const list = choices.length === 1 ? `expected ${choices[0]}` : `expected one of ${choices.join(", ")}`;
    const problem = { severity: "error", path, message: `${list}, found ${found}` } as const;
    return meant === undefined ? problem : { ...problem, mend: `did you mean ${quoted(meant)}?` };
  }
  const expected = allTypeNames[issue.expected] ?? issue.expected;
  const mend = typeMend(issue.expected, value);
  const problem = { severity: "error", path, message: `expected ${expected}, found ${found}` } as const;
  return mend === undefined ? problem : { ...problem, mend };
}

function typeMend(expected: string, value: unknown): string | undefined {
  if (value === null) return "give the key a value or remove it";
  const plain = typeof value === "number" || typeof value === "boolean" || typeof value === "bigint";
  if (expected === "string" && plain) return `put it in quotes: "${String(value)}"`;
  if (expected === "array") return "write it as a list, each entry after a `-` or within `[ ]`";
  const isNumber = expected === "number" || expected === "int";
  if (isNumber && typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value))) {
    return "remove the quotes";
  }
  if (expected === "boolean" && typeof value === "string") return "write true or false, without quotes";
  if ((expected === "record" || expected === "object") && Array.isArray(value)) {
    return "write it as `key: value` lines, without `-`";
  }
  return undefined;
}

function wrongSize(
  issue: Extract<Issue, { code: "too_small" | "too_big" }>,
  path: DocumentPath,
  value: unknown,
): IssueProblem {
  const limit = issue.code === "too_small" ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
  if (typeof value !== "string" && !Array.isArray(value)) {
    return { severity: "error", path, message: `must be ${limit}, found ${describeFound(value)}` };
  }
  const unit = typeof value === "string" ? "characters" : "entries";
  return { severity: "error", path, message: `the number of ${unit} must be ${limit}, found ${value.length}` };
}

function unionProblems(
  issue: Extract<Issue, { code: "invalid_union" }>,
  schema: Schema | undefined,
  value: unknown,
  path: DocumentPath,
): IssueProblem[] {
  if ("discriminator" in issue && issue.discriminator !== undefined) {
    const choices = "options" in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
    return [discriminatorProblem(choices, value, path)];
  }
  const options = unionOptions(schema);
  const choice = chooseVariant(options, issue.errors, value);
  switch (choice.kind) {
    case "variant": {
      const option = options[choice.index];
      if (option === undefined) return [];
      return (issue.errors[choice.index] ?? []).flatMap((inner) => issueProblems(inner, option, value, path));
    }
    case "several":
      return [
        {
          severity: "error",
          path,
          message: `only one of ${choice.keys.join(", ")} may be given`,
          mend: "keep one of them",
        },
      ];
    case "none":
      return [noVariant(options, choice.keys, value, path)];
    default:
      return choice satisfies never;
  }
}

function discriminatorProblem(choices: readonly string[], value: unknown, path: DocumentPath): IssueProblem {
  const list = choices.length === 1 ? `${choices[0]}` : `one of ${choices.join(", ")}`;
  if (value === undefined) {
    const key = String(path.at(-1));
    return { severity: "error", path, message: `missing key ${quoted(key)}`, mend: `add ${quoted(key)}: ${list}` };
  }
  const meant = typeof value === "string" ? nearest(value, choices) : undefined;
  return {
    severity: "error",
    path,
    message: `expected ${list}, found ${describeFound(value)}`,
    ...(meant === undefined ? {} : { mend: `did you mean ${quoted(meant)}?` }),
  };
}

function noVariant(
  options: readonly Schema[],
  keys: readonly string[],
  value: unknown,
  path: DocumentPath,
): IssueProblem {
  const names = options.map((option) => typeName(option) ?? "a value");
  if (keys.length === 0) {
    return {
      severity: "error",
      path,
      message: `expected ${[...new Set(names)].join(" or ")}, found ${describeFound(value)}`,
    };
  }
  if (!isJsonObject(value)) {
    const message = `expected a mapping with one of the keys ${keys.join(", ")}, found ${describeFound(value)}`;
    return { severity: "error", path, message };
  }
  const given = Object.keys(value);
  for (const key of given) {
    const meant = nearest(key, keys);
    if (meant === undefined) continue;
    const mend = `did you mean ${quoted(meant)}?`;
    return { severity: "error", path: [...path, key], atKey: true, message: `unknown key ${quoted(key)}`, mend };
  }
  return { severity: "error", path, message: `needs one of the keys ${keys.join(", ")}` };
}

function documentPath(path: readonly PropertyKey[]): (string | number)[] {
  return path.map((step) => (typeof step === "symbol" ? step.toString() : step));
}
