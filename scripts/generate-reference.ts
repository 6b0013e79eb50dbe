// Writes the tables of the pages that list every key and every setting, between their marks
// `<!-- generated: NAME -->` and `<!-- end -->`. The text around them is written by hand.
// With --check it writes nothing and fails when a table is stale or missing.
import { readFile, writeFile } from "node:fs/promises";
import { exitCodes, exitCodeHelp } from "../src/cli/exit-codes.ts";
import { settingOptions, type Option } from "../src/settings-options.ts";

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly not?: Schema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly description?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

interface Row {
  readonly key: string;
  readonly type: string;
  readonly fallback: string;
  readonly meaning: string;
}

/** Definitions that are shown as a type of their own, with the words for it; all others have a table. */
const plainTypes: Readonly<Record<string, string>> = { template: "any value, with `${…}`" };

const schemaFile = new URL("../schema/server.schema.json", import.meta.url);
const pages = ["docs/configuration.md", "docs/operations.md", "README.md"];

function tables(schema: Schema): Map<string, string> {
  const found = new Map([
    ["document", keyTable(schema)],
    ["settings", settingsTable()],
    ["exit-codes", exitCodeTable()],
  ]);
  for (const [name, definition] of Object.entries(schema.$defs ?? {})) {
    if (!Object.hasOwn(plainTypes, name)) found.set(name, keyTable(definition));
  }
  return found;
}

function keyTable(schema: Schema): string {
  return table(
    ["key", "type", "default", "meaning"],
    rowsOf(schema, "").map(({ key, type, fallback, meaning }) => [`\`${key}\``, type, fallback, meaning]),
  );
}

/** One row per key, in the order of the schema; the alternatives of a union follow each other. */
function rowsOf(schema: Schema, prefix: string, isAlternative = false): Row[] {
  const rows = (schema.anyOf ?? schema.oneOf ?? []).flatMap((alternative) => rowsOf(alternative, prefix, true));
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (property.not !== undefined) continue;
    const key = prefix + name;
    // What one of several forms requires is not required of the document.
    const isRequired = !isAlternative && schema.required?.includes(name) === true;
    rows.push({
      key,
      type: typeOf(property),
      fallback: fallbackOf(property, isRequired),
      meaning: meaningOf(property),
    });
    rows.push(...innerRows(property, key));
  }
  return merged(rows);
}

/** One row for a key that several alternatives have. */
function merged(rows: readonly Row[]): Row[] {
  const byKey = new Map<string, Row>();
  for (const row of rows) {
    const before = byKey.get(row.key);
    byKey.set(row.key, before === undefined ? row : mergeRows(before, row));
  }
  return [...byKey.values()];
}

function mergeRows(first: Row, second: Row): Row {
  const join = (a: string, b: string, separator: string): string =>
    [...new Set([a, b])].filter((text) => text !== "").join(separator);
  return {
    key: first.key,
    type: join(first.type, second.type, " or "),
    fallback: join(first.fallback, second.fallback, " or "),
    meaning: join(first.meaning, second.meaning, " "),
  };
}

/** The keys inside of a value that has no table of its own. */
function innerRows(schema: Schema, key: string): Row[] {
  const values = schema.additionalProperties;
  return [
    ...rowsOf({ ...schema, additionalProperties: false }, `${key}.`),
    ...(schema.items === undefined ? [] : rowsOf(schema.items, `${key}[].`)),
    ...(typeof values === "object" && schema.properties === undefined ? rowsOf(values, `${key}.NAME.`) : []),
  ];
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return linkTo(schema.$ref);
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(code).join(", ");
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) return [...new Set(alternatives.map(typeOf))].join(" or ");
  if (Array.isArray(schema.type)) return schema.type.join(" or ");
  switch (schema.type) {
    case "array":
      return schema.items === undefined ? "list" : `list of ${plural(typeOf(schema.items))}`;
    case "object":
      return isMap(schema) ? `map of ${plural(typeOf(schema.additionalProperties))}` : "map";
    case "string":
      return "text";
    case "integer":
    case "number":
      return `${schema.type === "integer" ? "whole number" : "number"}${boundsOf(schema)}`;
    default:
      return String(schema.type ?? "any value");
  }
}

function isMap(schema: Schema): schema is Schema & { readonly additionalProperties: Schema } {
  return typeof schema.additionalProperties === "object" && schema.properties === undefined;
}

function plural(type: string): string {
  if (type === "text") return "texts";
  return type === "map" ? "maps" : type;
}

function boundsOf({ minimum, maximum }: Schema): string {
  const words = (bound: number): string => bound.toLocaleString("en-US");
  // Without a bound of its own an integer is bounded by what a double holds.
  if (minimum === undefined || maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER) return "";
  return `, ${words(minimum)} to ${words(maximum)}`;
}

function linkTo(reference: string): string {
  const name = reference.slice(reference.lastIndexOf("/") + 1);
  return plainTypes[name] ?? `[${name}](#${name.toLowerCase()})`;
}

function fallbackOf(schema: Schema, isRequired: boolean): string {
  if (isRequired) return "**required**";
  const { default: value } = schema;
  const isGroup = schema.properties !== undefined;
  return value === undefined || isGroup ? "" : code(value);
}

function meaningOf(schema: Schema): string {
  if (schema.description !== undefined) return cell(schema.description);
  const name = schema.$ref?.slice(schema.$ref.lastIndexOf("/") + 1) ?? "";
  return cell(root.$defs?.[name]?.description ?? "");
}

function settingsTable(): string {
  const rows = Object.entries<Option<unknown>>(settingOptions).map(([key, option]) => {
    const { flag, environment, defaultValue, description, isSecret, processes } = option;
    const fallback = defaultValue === undefined || isEmptyList(defaultValue) ? "" : code(defaultValue);
    const variable = code(environment) + (isSecret === true ? `, ${code(`${environment}_FILE`)}` : "");
    return [code(flag), variable, code(key), processes.join(", "), fallback, cell(description)];
  });
  const file = [
    "`--settings <path>`",
    "`PASSERELLE_SETTINGS`",
    "",
    "",
    "",
    "YAML file with any of the keys of this table",
  ];
  return table(["flag", "environment variable", "key of the file", "process", "default", "meaning"], [...rows, file]);
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function exitCodeTable(): string {
  const rows = Object.values(exitCodes).map((exitCode) => {
    const line = new RegExp(`^ *${exitCode} +(.*)$`, "m").exec(exitCodeHelp)?.[1];
    if (line === undefined) throw new Error(`The help does not tell what ${exitCode} means.`);
    return [String(exitCode), cell(line)];
  });
  return table(["exit code", "meaning"], rows);
}

function code(value: unknown): string {
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

/** Text that neither ends a cell nor is taken for HTML. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** The page with its tables as they should be; `used` gets the names of those that it has. */
function rewrite(page: string, wanted: ReadonlyMap<string, string>, used: Set<string>): string {
  return page.replaceAll(/(<!-- generated: ([\w-]+) -->\n)[^]*?(<!-- end -->)/g, (_whole, open, name, end) => {
    const text = wanted.get(name);
    if (text === undefined) throw new Error(`There is no table \`${name}\`.`);
    used.add(name);
    return `${open}\n${text}\n\n${end}`;
  });
}

// The generator of this file has made it.
const root = JSON.parse(await readFile(schemaFile, "utf8")) as Schema;
const wanted = tables(root);
const used = new Set<string>();
for (const name of pages) {
  const file = new URL(`../${name}`, import.meta.url);
  const found = await readFile(file, "utf8");
  const page = rewrite(found, wanted, used);
  if (page === found) continue;
  if (process.argv.includes("--check")) {
    console.error(`${name} has stale tables: run \`npm run generate:reference\` and commit it.`);
    process.exitCode = 1;
  } else await writeFile(file, page);
}
const unused = [...wanted.keys()].filter((name) => !used.has(name));
if (unused.length > 0) {
  console.error(`No page has these tables: ${unused.join(", ")}`);
  process.exitCode = 1;
}
