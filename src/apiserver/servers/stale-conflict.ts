import type { DocumentRef, StoredVersion } from "../../core/config-store.ts";
import { AppError } from "../../core/errors.ts";
import { diffTexts } from "./diff-texts.ts";
import { describeVersion } from "./server-schemas.ts";
import type { ServerParts } from "./server-parts.ts";

/**
 * Why a change that is based on an older version cannot be: who was faster, and what they changed.
 *
 * @param base what the change is based on; undefined when that is no version
 */
export async function staleConflict(
  { documents }: Pick<ServerParts, "documents">,
  ref: DocumentRef,
  base: StoredVersion | undefined,
): Promise<AppError> {
  const current = await documents.get(ref);
  if (current === undefined) return new AppError("conflict", "There is no such server any more.");
  const done = current.change === "delete" ? "deleted" : "saved";
  const diff = diffTexts(
    { label: `version ${base?.version ?? 0}`, text: base?.text ?? "" },
    { label: `version ${current.version}`, text: current.text ?? "" },
  );
  return new AppError(
    "conflict",
    `${current.author.name} has ${done} version ${current.version} of ${ref.name} meanwhile. Look at what changed, and save based on that version.`,
    { data: { current: describeVersion(current), ...(base === undefined ? {} : { diff }) } },
  );
}
