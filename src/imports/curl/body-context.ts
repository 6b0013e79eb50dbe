import type { JsonObject } from "../../core/json.ts";
import type { ImportNote } from "../report/import-report.ts";
import type { ArgumentList } from "./argument-list.ts";
import type { CurlRequest } from "./curl-command.ts";
import type { KeepSecret } from "./json-body.ts";

/** What the readers of a body share. */
export interface BodyContext {
  readonly request: CurlRequest;
  /** Of the headers of the command. */
  readonly contentType: string | undefined;
  readonly args: ArgumentList;
  readonly keepSecret: KeepSecret;
  readonly note: (note: ImportNote) => void;
}

/** Schema of an argument that is a file. */
export function fileSchema(path: string): JsonObject {
  return { type: "string", description: `Content of a file such as ${path}, in base64 or as a data: URI.` };
}
