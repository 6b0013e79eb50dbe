import type { ImportNote } from "../report/import-report.ts";
import type { Located } from "./description.ts";

/** Why an operation cannot become a tool. Thrown below `compileOperation`, which makes an outcome of it. */
export class RefusedOperation extends Error {
  readonly note: ImportNote;

  constructor(code: string, message: string, at?: Located) {
    super(message);
    this.name = "RefusedOperation";
    this.note = { code, message, ...(at === undefined ? {} : { pointer: at.pointer }) };
  }
}
