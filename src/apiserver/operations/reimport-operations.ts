import * as z from "zod";
import { AppError } from "../../core/errors.ts";
import type { StoredImport } from "../../core/import-store.ts";
import { choicesAgain, type ImportRecord } from "../../imports/merge/import-record.ts";
import { compileGiven, type GivenDescription, givenIn, keepImport } from "../imports/compile-given.ts";
import { describeDiff, describeMade } from "../imports/describe-import.ts";
import { importDiff } from "../imports/diff-schemas.ts";
import type { ImportParts } from "../imports/import-parts.ts";
import {
  importReport,
  importStatistics,
  maxDescriptionBodyBytes,
  reimportBody,
  wantedSecrets,
} from "../imports/import-schemas.ts";
import { type AnyOperation, defineOperation } from "../operation.ts";
import { saveText } from "../servers/change-server.ts";
import { findServer, requireBase } from "../servers/find-server.ts";
import { etagOf, ifMatchHeader, requireIfMatch } from "../servers/if-match.ts";
import {
  conflictProblem,
  describeVersion,
  documentRefusal,
  serverParams,
  serverVersion,
} from "../servers/server-schemas.ts";
import { importResponses, importTag } from "./import-operations.ts";

/** Servers that were imported: from what, and again. */
export function reimportOperations(parts: ImportParts): readonly AnyOperation[] {
  return [getServerImport(parts), reimportServer(parts)];
}

function getServerImport(parts: ImportParts): AnyOperation {
  return defineOperation({
    id: "getServerImport",
    method: "get",
    path: "/tenants/{tenant}/servers/{name}/import",
    tag: importTag,
    summary: "Tell what a server was imported from",
    access: { kind: "permission", permission: "servers.read" },
    params: serverParams,
    responses: {
      200: {
        description: "The last import.",
        schema: z
          .strictObject({
            kind: z.literal("openapi"),
            source: z.string().describe("The address without its query, or what a text was called."),
            canFetch: z.boolean().describe("Whether `reimportServer` can fetch it by itself."),
            choices: z.record(z.string(), z.unknown()),
            descriptionHash: z.string().describe("SHA-256 in hex."),
            tools: z.int().describe("How many were made."),
            importedAt: z.number().describe("Milliseconds since 1970."),
            importedBy: z.strictObject({ id: z.string(), name: z.string() }),
          })
          .meta({ id: "ServerImport", description: "What a server was imported from." }),
      },
      404: { description: "There is no such server, or it was not imported." },
    },
    handle: async ({ params }) => {
      await findServer(parts, params);
      const { names, document: _document, address, ...told } = await findImport(parts, params);
      const body = { ...told, canFetch: address !== undefined, tools: Object.keys(names).length };
      return { status: 200, body };
    },
  });
}

async function findImport(
  { imports }: ImportParts,
  server: { readonly tenant: string; readonly name: string },
): Promise<StoredImport> {
  const found = await imports.get(server);
  if (found !== undefined) return found;
  throw new AppError("not_found", `Nothing is known of an import of the server ${server.name}.`);
}

function reimportServer(parts: ImportParts): AnyOperation {
  return defineOperation({
    id: "reimportServer",
    method: "post",
    path: "/tenants/{tenant}/servers/{name}/re-import",
    tag: importTag,
    summary: "Carry a changed description into a server, and keep what was edited",
    description:
      "Without `text` and `url` the description is fetched from where it was. `choices` take the place of those of then, key by key.",
    access: { kind: "permission", permission: "servers.write" },
    params: serverParams,
    headers: [ifMatchHeader],
    body: reimportBody,
    maxBodyBytes: maxDescriptionBodyBytes,
    responses: {
      ...importResponses,
      200: {
        description: "What changes, or has changed.",
        schema: z
          .strictObject({
            isChanged: z.boolean().describe("Whether the text differs."),
            text: z.string(),
            diff: importDiff,
            report: importReport,
            secrets: wantedSecrets,
            statistics: importStatistics,
            server: serverVersion.optional().describe("The newest version now; absent for a preview."),
          })
          .meta({ id: "Reimport", description: "An import again." }),
      },
      403: { description: "The caller may not define what the document adds." },
      404: { description: "There is no such server, or it was not imported." },
      409: { description: "Another version is the newest.", schema: conflictProblem },
      422: { description: "The description cannot be read, or the document not be served.", schema: documentRefusal },
      428: { description: "If-Match is missing." },
    },
    handle: async (call) => {
      const { params, body } = call;
      const basedOn = requireIfMatch(call);
      const newest = await findServer(parts, params);
      await requireBase(parts, newest, basedOn);
      const stored = await findImport(parts, params);
      const given = givenAgain(stored, newest.text ?? "", body);
      const compiled = await compileGiven(parts, call, given);
      const { merged } = compiled.made;
      if (merged === undefined) throw new Error("The compiler answered without the merged document.");
      const { text, isChanged, diff } = merged;
      const told = { isChanged, text, diff: describeDiff(diff), ...describeMade(compiled.made) };
      if (body.preview) return { status: 200, headers: { etag: etagOf(newest) }, body: told };
      const message = body.message === "" ? `import of ${stored.source} again` : body.message;
      const made = await saveText({ parts, call, ref: params, newest, message }, text);
      await keepImport(parts, call, params.name, { source: given.source, compiled });
      return { status: 200, headers: { etag: etagOf(made) }, body: { ...told, server: describeVersion(made) } };
    },
  });
}

/** What is compiled again: the description of now with the choices of then. */
function givenAgain(stored: StoredImport, mine: string, body: z.output<typeof reimportBody>): GivenDescription {
  const { text, url, prefer, restoreRemoved } = body;
  const address = text === undefined && url === undefined ? requireAddress(stored) : url;
  const { source, overlays, choices } = givenIn({ ...body, url: address });
  const record: ImportRecord = stored;
  const merge = { base: stored.document, mine, options: { prefer, restoresRemoved: restoreRemoved } };
  return { source, overlays, choices: choicesAgain(record, choices), merge };
}

function requireAddress({ address, source }: StoredImport): string {
  if (address !== undefined) return address;
  throw new AppError("unprocessable", `The import of ${source} cannot be fetched again: send its text or url.`);
}
