import { AppError } from "../../../core/errors.ts";
import type { ImportNote } from "../../report/import-report.ts";
import type { OpenApiParts, OpenApiSource } from "../openapi-import.ts";
import { applyOverlays } from "../overlay/apply-overlays.ts";
import { infoOf } from "../assembly/assemble-tool.ts";
import { printable } from "../text/printable.ts";
import { describeStranger, versionOf } from "./detect-version.ts";
import { loadDocuments } from "./document-set.ts";
import { LoadedDescription } from "./loaded-description.ts";
import { readDescriptionText } from "./read-description-text.ts";

export interface ReadDescription {
  readonly description: LoadedDescription;
  /** For people: "Petstore 1.2.0, OpenAPI 3.0". */
  readonly label: string;
}

/**
 * Reads a description with its overlays and all that it references. Fails with `AppError("unprocessable")` when the
 * text is no description or an overlay is none; a referenced document that cannot be had is a note.
 */
export async function readDescription(
  source: OpenApiSource,
  parts: OpenApiParts,
  note: (note: ImportNote) => void,
): Promise<ReadDescription> {
  const written = readDescriptionText(source.text, source.name, parts.parseYaml);
  const version = versionOf(written, source.name);
  if (version === undefined) throw new AppError("unprocessable", `${source.name}: ${describeStranger(written)}.`);
  const overlays = (source.overlays ?? []).map(({ text, name }) => ({
    name,
    value: readDescriptionText(text, name, parts.parseYaml),
  }));
  const value = applyOverlays(written, overlays, note);
  const set = await loadDocuments(source.address ?? withoutAddress, value, parts);
  for (const { reason, askedBy } of set.missing.values()) {
    const message = `\`${printable(askedBy.reference)}\` could not be loaded: ${reason} Operations that need it are refused.`;
    note({
      code: "reference-not-loaded",
      message,
      pointer: `${askedBy.document === set.root.address ? "" : askedBy.document}#${askedBy.pointer}`,
    });
  }
  const description = new LoadedDescription(set, version);
  const { title, version: release } = infoOf(value);
  const named = [title, release].filter((part) => typeof part === "string" || typeof part === "number").map(String);
  const label = [printable(named.join(" "), 120), `OpenAPI ${version}`].filter((part) => part !== "").join(", ");
  return { description, label };
}

/** Stands for the address of a text that has none; nothing can be loaded relative to it. */
const withoutAddress = "description:/input";
