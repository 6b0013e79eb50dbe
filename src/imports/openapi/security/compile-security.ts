import type { ImportNote } from "../../report/import-report.ts";
import type { Description, SecurityUse } from "../description.ts";
import type { RequiredSecret } from "../openapi-import.ts";

/** What the upstream needs to be let in: templates with `${secrets.NAME}`. */
export interface CompiledSecurity {
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly secrets: readonly RequiredSecret[];
  readonly notes: readonly ImportNote[];
}

export function compileSecurity(_description: Description, _used: readonly SecurityUse[]): CompiledSecurity {
  return { headers: {}, query: {}, secrets: [], notes: [] };
}
