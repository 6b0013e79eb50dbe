import type { Ajv, Options, ValidateFunction } from "ajv";
import type { JsonObject } from "../core/json.ts";
import modules from "./ajv-modules.cjs";
import { compileLinearPattern } from "./linear-pattern.ts";
import { uniqueItemsKeyword } from "./unique-items.ts";
import type { WorkLimit } from "./work-limit.ts";

export const dialects = ["2020-12", "2019-09", "draft-07"] as const;
export type Dialect = (typeof dialects)[number];

const dialectByUri = new Map<string, Dialect>([
  ["https://json-schema.org/draft/2020-12/schema", "2020-12"],
  ["https://json-schema.org/draft/2019-09/schema", "2019-09"],
  ["http://json-schema.org/draft-07/schema", "draft-07"],
  ["https://json-schema.org/draft-07/schema", "draft-07"],
]);

/** The dialect that a schema's `$schema` names; 2020-12 without one, `undefined` for one not known here. */
export function dialectOf(schema: Readonly<Record<string, unknown>>): Dialect | undefined {
  const uri = schema["$schema"];
  if (uri === undefined) return "2020-12";
  return typeof uri === "string" ? dialectByUri.get(uri.replace(/#$/, "")) : undefined;
}

export interface AjvSettings {
  readonly dialect: Dialect;
  readonly useDefaults: boolean;
  /** Go on after the first error. */
  readonly allErrors: boolean;
}

/** A new instance, about 4 ms. It keeps constants of all schemas compiled with it: use it for some, not for ever. */
export function createAjv(settings: AjvSettings, limit: WorkLimit): Ajv {
  const regExp = Object.assign(compileLinearPattern, { code: "compileLinearPattern" });
  const options: Options = {
    strict: false,
    ownProperties: true,
    useDefaults: settings.useDefaults,
    allErrors: settings.allErrors,
    verbose: true,
    // Problems are found by findSchemaProblems; here the schema is known or worth a try.
    validateSchema: false,
    addUsedSchema: false,
    logger: false,
    code: { regExp },
  };
  const ajv = instantiate(settings.dialect, options);
  modules.loadAjvFormats()(ajv);
  ajv.addFormat("url", isWebAddress);
  ajv.removeKeyword("uniqueItems");
  ajv.addKeyword(uniqueItemsKeyword);
  ajv.addKeyword(limit.keyword());
  return ajv;
}

/** The format `url`; the usual pattern for it takes time in the square of the text. */
function isWebAddress(text: string): boolean {
  return /^(?:https?|ftp):\/\/[^\s]+$/i.test(text) && URL.canParse(text);
}

/**
 * Compiles a schema without leaving its ids in the instance, so that those of different tools never meet.
 * Throws what is wrong with the schema.
 */
export function compileApart(ajv: Ajv, schema: JsonObject): ValidateFunction {
  const known = new Set(Object.keys(ajv.refs));
  try {
    return ajv.compile(schema);
  } finally {
    ajv.removeSchema(schema);
    for (const id of Object.keys(ajv.refs)) {
      if (!known.has(id)) delete ajv.refs[id];
    }
  }
}

function instantiate(dialect: Dialect, options: Options): Ajv {
  switch (dialect) {
    case "2020-12":
      return new (modules.loadAjv2020())(options);
    case "2019-09":
      return new (modules.loadAjv2019())(options);
    case "draft-07":
      return new (modules.loadAjvDraft7())(options);
  }
}
