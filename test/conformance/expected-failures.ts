import { readFile } from "node:fs/promises";
import { isScalar, isSeq, parseDocument } from "yaml";
import type { Subject } from "./conformance-cli.ts";
import type { ExpectedFailure } from "./verdict.ts";

/**
 * Reads a list of expected failures in the suite's own format (`server:` or `client:` with `SCENARIO` or
 * `SCENARIO:CHECK`). Throws when an entry has no reason as a comment behind it.
 */
export async function readExpectedFailures(path: URL, side: Subject["side"]): Promise<readonly ExpectedFailure[]> {
  const list = parseDocument(await readFile(path, "utf8")).get(side);
  if (!isSeq(list)) throw new Error(`${path.pathname}: "${side}" is not a list`);
  return list.items.map((item) => {
    if (!isScalar(item) || typeof item.value !== "string") throw new Error(`${path.pathname}: entries are texts`);
    const reason = item.comment?.trim();
    if (reason === undefined || reason === "") throw new Error(`${path.pathname}: ${item.value} has no reason`);
    const [scenario = "", check] = item.value.split(":");
    return { scenario, check, reason };
  });
}
