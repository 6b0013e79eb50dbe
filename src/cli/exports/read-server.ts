import type { ServerDocument } from "../../core/config/document.ts";
import { formatPath } from "../../core/problem.ts";
import { CommandFailure, exitCodes } from "../exit-codes.ts";
import { readDocuments } from "../read-documents.ts";

/** The only document of a file. Fails with `CommandFailure` when it is broken, or not the only one. */
export async function readServer(file: string): Promise<ServerDocument> {
  const { documents } = await readDocuments([file]);
  const [source] = documents;
  if (source === undefined || documents.length > 1) {
    throw new CommandFailure(exitCodes.usage, `${file} has ${documents.length} documents; name a file with one`);
  }
  if (source.document !== undefined) return source.document;
  const [problem] = source.problems;
  const place = problem === undefined ? file : `${file}:${problem.line}:${problem.column}`;
  throw new CommandFailure(
    exitCodes.problems,
    `${place}: ${problem?.message ?? "the document is broken"} [${formatPath(problem?.path ?? [])}]; \`passerelle check\` tells more`,
  );
}

/** The address without a slash at its end. Fails with `CommandFailure` when it is none. */
export function readPublicUrl(url: string): string {
  const isAddress = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  if (!isAddress) throw new CommandFailure(exitCodes.usage, `--url ${url} is no http: or https: address`);
  return url.replace(/\/+$/, "");
}
