import { descriptionLoader } from "../../compose/openapi/description-loader.ts";
import type { OpenApiSource, SourceText } from "../../imports/openapi/openapi-import.ts";
import type { LoadDocument } from "../../imports/openapi/reading/document-set.ts";
import { CommandFailure, exitCodes } from "../exit-codes.ts";
import { locateSource, readLocated } from "./description-source.ts";
import type { OpenApiFlags } from "./openapi-flags.ts";

/** A description that was read, and what reads what it references. */
export interface ReadDescription {
  readonly source: OpenApiSource;
  readonly load: LoadDocument;
}

/**
 * Reads the description and its overlays. Fails with `CommandFailure`.
 *
 * @param overlayNames files and URLs, in their order
 */
export async function readDescription(
  name: string,
  overlayNames: readonly string[],
  flags: OpenApiFlags,
): Promise<ReadDescription> {
  const located = locateSource(name, flags.folder);
  const loader = {
    allow: flags.allowPrivate ?? [],
    allowKey: "--allow-private",
    headers: readHeaders(flags.header ?? []),
  };
  const load = descriptionLoader({
    ...loader,
    ...(located.address === undefined ? {} : { address: located.address }),
    ...(located.folder === undefined ? {} : { folder: located.folder }),
  });
  const source = await readLocated(located, load);
  const overlays: SourceText[] = [];
  for (const overlayName of overlayNames) {
    const overlay = locateSource(overlayName, undefined);
    const folder = overlay.folder === undefined ? {} : { folder: overlay.folder };
    overlays.push(await readLocated(overlay, descriptionLoader({ ...loader, ...folder })));
  }
  return { source: { ...source, overlays }, load };
}

function readHeaders(lines: readonly string[]): Readonly<Record<string, string>> {
  const entries = lines.map((line): [string, string] => {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e]*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) return [name, value.trimEnd()];
    // Its value may be a secret: it is not told.
    throw new CommandFailure(exitCodes.usage, "--header must be written as `Name: value`, in one line of ASCII");
  });
  return Object.fromEntries(entries);
}
