import addFormatsModule from "ajv-formats";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { JsonObject } from "../../src/core/json.ts";

/** Judges JSON Schemas with an instance of its own, which knows nothing of how the gateway compiles them. */
export class SchemaJudge {
  readonly #ajv = createAjv();
  #forCompiling = createAjv();
  #compiled = 0;

  /** What the metaschema of 2020-12 says against a schema; `undefined` when nothing. */
  faultOf(schema: JsonObject): string | undefined {
    return this.#ajv.validateSchema(schema) === true ? undefined : this.#ajv.errorsText();
  }

  /** Why it cannot be compiled; `undefined` when it can. Costs milliseconds. */
  compileFaultOf(schema: JsonObject): string | undefined {
    // An instance keeps what it compiled.
    if (this.#compiled++ % 100 === 99) this.#forCompiling = createAjv();
    try {
      this.#forCompiling.compile(schema);
      return undefined;
    } catch (error) {
      return String(error);
    }
  }
}

function createAjv(): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, logger: false, addUsedSchema: false });
  addFormatsModule.default(ajv);
  return ajv;
}
