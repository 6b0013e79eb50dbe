import { parseYaml } from "../../src/adapters/yaml/parse-yaml.ts";
import { judgeValue } from "../../src/compose/openapi/judge-value.ts";
import { AppError } from "../../src/core/errors.ts";
import { countTokens } from "../../src/gateway/trial/count-tokens.ts";
import { compileOpenApi } from "../../src/imports/openapi/compile-openapi.ts";
import type { OpenApiChoices, OpenApiImport } from "../../src/imports/openapi/openapi-import.ts";

export interface CompileOptions extends OpenApiChoices {
  /** Whether tokens are counted, which takes most of the time; the count is 0 without it. */
  readonly isCounted?: boolean;
  /** Whether a gateway is asked to drop what it would not serve; without it that is a fault that tests find. */
  readonly isJudged?: boolean;
}

/** Compiles a description in this process with every operation chosen, as `passerelle import openapi --all` does. */
export function compileDescription(
  name: string,
  text: string,
  { isCounted = false, isJudged = false, ...choices }: CompileOptions = {},
): Promise<OpenApiImport> {
  return compileOpenApi(
    { name, text },
    { baseUrl: "https://api.example", operations: { all: true }, ...choices },
    {
      parseYaml,
      ...(isJudged ? { judge: judgeValue } : {}),
      countTokens: isCounted ? countTokens : () => 0,
      load: (address) => Promise.reject(new AppError("unprocessable", `${address} is not loaded in tests.`)),
    },
  );
}
