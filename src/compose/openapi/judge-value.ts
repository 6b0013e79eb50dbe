import { checkDocument } from "../../core/config/check-document.ts";
import { sameForAll } from "../../core/config-source.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Problem } from "../../core/problem.ts";
import { checkDocuments } from "../../gateway/compile/check-documents.ts";

/** What a gateway would say of a document that no file holds yet. Secrets count as absent, which is a warning only. */
export function judgeValue(value: JsonObject): readonly Problem[] {
  const { document, problems } = checkDocument(value);
  if (document === undefined) return problems;
  const locate = (): { file: string; line: number; column: number } => ({ file: document.name, line: 1, column: 1 });
  const source = { key: document.name, hash: "", document, problems: [], locate };
  return checkDocuments([source], sameForAll({ get: () => undefined }));
}
