import type { ServerDocument } from "../../core/config/document.ts";
import { AppError } from "../../core/errors.ts";

/**
 * Fails with `forbidden` when a version starts a program or opens an address that the newest version does not: it
 * may have been replaced for that very reason.
 */
export function checkAgainstNewest(document: ServerDocument, newest: ServerDocument | undefined): void {
  const allowed = new Set(newest === undefined ? [] : powersOf(newest));
  if (powersOf(document).every((power) => allowed.has(power))) return;
  throw new AppError(
    "forbidden",
    "This version starts a program or opens a private address that the newest version does not. Restore it first.",
  );
}

/** Whether the document starts programs. */
export function startsPrograms({ upstreams }: ServerDocument): boolean {
  return Object.values(upstreams).some((upstream) => upstream.kind === "mcp" && upstream.command !== undefined);
}

/** What takes permissions of its own to save. */
function powersOf({ upstreams }: ServerDocument): string[] {
  return Object.values(upstreams).flatMap((upstream) => {
    const egress = upstream.egress.allow.map((range) => `egress ${range}`);
    if (upstream.kind !== "mcp" || upstream.command === undefined) return egress;
    const { command, args, env, cwd } = upstream;
    return [...egress, `stdio ${JSON.stringify([command, args, Object.entries(env), cwd])}`];
  });
}
