/** JSON Schema 2020-12, as far as the description of the API uses it. */
export interface TypeSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, TypeSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: TypeSchema | boolean;
  readonly items?: TypeSchema | boolean;
  readonly prefixItems?: readonly TypeSchema[];
  readonly anyOf?: readonly TypeSchema[];
  readonly oneOf?: readonly TypeSchema[];
  readonly allOf?: readonly TypeSchema[];
  readonly not?: TypeSchema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
}

/** What somebody writes may say `undefined` for what is left out; what is read never does. */
export type Direction = "sent" | "received";

/**
 * The TypeScript type of a schema, as text. References become the names of components. What only narrows values
 * (lengths, patterns, bounds) has no type; a keyword that is not known is an error, so that no type is quietly too wide.
 *
 * @throws Error that names the keyword and where it stands
 */
export function typeOfSchema(schema: TypeSchema | boolean, direction: Direction, place = "schema"): string {
  if (schema === true) return "unknown";
  if (schema === false) return "never";
  refuseUnknown(schema, place);
  const parts = [
    ...ownParts(schema, direction, place),
    ...alternatives(schema.anyOf ?? schema.oneOf, direction, place),
    ...(schema.allOf ?? []).map((part, index) => typeOfSchema(part, direction, `${place}.allOf.${index}`)),
  ];
  if (parts.length === 0) return schema.not === undefined ? "unknown" : "never";
  return parts.length === 1 ? (parts[0] ?? "unknown") : parts.map(inParentheses).join(" & ");
}

/** A comment before a declaration, or nothing. */
export function commentOf(description: string | undefined, indent: string): string {
  return description === undefined ? "" : `${indent}/** ${description.replaceAll("*/", "*\\/")} */\n`;
}

/** Keywords without a type of their own. `default` says what absence means, which `required` knows already. */
const narrowing = new Set(
  (
    "description title default examples format pattern minLength maxLength minimum maximum exclusiveMinimum " +
    "exclusiveMaximum multipleOf minItems maxItems uniqueItems minProperties maxProperties propertyNames deprecated " +
    "readOnly writeOnly contentEncoding contentMediaType contentSchema"
  ).split(" "),
);
const typed = new Set(
  "$ref type properties required additionalProperties items prefixItems anyOf oneOf allOf not enum const".split(" "),
);

function refuseUnknown(schema: TypeSchema, place: string): void {
  for (const keyword of Object.keys(schema)) {
    if (narrowing.has(keyword) || typed.has(keyword)) continue;
    throw new Error(`${place} has the keyword ${keyword}, which scripts/client/schema-types.ts does not know.`);
  }
}

function ownParts(schema: TypeSchema, direction: Direction, place: string): string[] {
  if (schema.$ref !== undefined) return [componentName(schema.$ref)];
  if ("const" in schema) return [literal(schema.const)];
  if (schema.enum !== undefined) return [schema.enum.map(literal).join(" | ")];
  const { type } = schema;
  if (type === undefined) return schema.properties === undefined ? [] : [objectType(schema, direction, place)];
  const types = typeof type === "string" ? [type] : type;
  return [types.map((name) => typeOfName(name, schema, direction, place)).join(" | ")];
}

function typeOfName(name: string, schema: TypeSchema, direction: Direction, place: string): string {
  switch (name) {
    case "string":
    case "boolean":
    case "null":
      return name;
    case "integer":
    case "number":
      return "number";
    case "array":
      return arrayType(schema, direction, place);
    case "object":
      return objectType(schema, direction, place);
    default:
      throw new Error(`${place} has the type ${name}, which JSON Schema does not have.`);
  }
}

function arrayType({ items = true, prefixItems }: TypeSchema, direction: Direction, place: string): string {
  const rest =
    items === false ? undefined : `readonly ${inParentheses(typeOfSchema(items, direction, `${place}[]`))}[]`;
  if (prefixItems === undefined) return rest ?? "readonly []";
  const first = prefixItems.map((item, index) => typeOfSchema(item, direction, `${place}[${index}]`));
  return `readonly [${[...first, ...(rest === undefined ? [] : [`...${rest}`])].join(", ")}]`;
}

function objectType(schema: TypeSchema, direction: Direction, place: string): string {
  const { properties = {}, required = [], additionalProperties = true } = schema;
  const entries = Object.entries(properties);
  const others = othersType(additionalProperties, direction, place);
  if (entries.length === 0) return others === undefined ? "Readonly<Record<string, never>>" : record(others);
  const lines = entries.map(([name, property]) => {
    const type = typeOfSchema(property, direction, `${place}.${name}`);
    return `${commentOf(property.description, "  ")}  ${memberOf(name, type, required.includes(name), direction)}`;
  });
  const own = `{\n${lines.join("\n")}\n}`;
  // An object that says nothing of others is not closed, but nobody may rely on what else it has.
  return others === undefined || additionalProperties === true ? own : `${own} & ${record(others)}`;
}

function memberOf(name: string, type: string, isRequired: boolean, direction: Direction): string {
  const mark = isRequired ? "" : "?";
  const orUndefined = isRequired || direction === "received" ? "" : " | undefined";
  return `readonly ${keyOf(name)}${mark}: ${indented(type)}${orUndefined};`;
}

function othersType(others: TypeSchema | boolean, direction: Direction, place: string): string | undefined {
  return others === false ? undefined : typeOfSchema(others, direction, `${place}.*`);
}

function record(type: string): string {
  return `Readonly<Record<string, ${type}>>`;
}

function alternatives(schemas: readonly TypeSchema[] | undefined, direction: Direction, place: string): string[] {
  if (schemas === undefined) return [];
  const types = schemas.map((schema, index) => typeOfSchema(schema, direction, `${place}.${index}`));
  return [[...new Set(types)].join(" | ")];
}

function componentName(reference: string): string {
  const name = /^#\/components\/schemas\/(\w+)$/.exec(reference)?.[1];
  if (name === undefined) throw new Error(`${reference} refers to something else than a schema of the description.`);
  return name;
}

/** A name that need not be quoted is not. */
export function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function literal(value: unknown): string {
  return JSON.stringify(value);
}

function inParentheses(type: string): string {
  return / [|&] |^readonly /.test(type) ? `(${type})` : type;
}

/** Moves all lines but the first two columns to the right. */
export function indented(text: string): string {
  return text.replaceAll("\n", "\n  ");
}
