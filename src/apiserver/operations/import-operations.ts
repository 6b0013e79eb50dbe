import * as z from "zod";
import type { JsonObject } from "../../core/json.ts";
import { AppError } from "../../core/errors.ts";
import { compileGiven, givenIn, keepImport } from "../imports/compile-given.ts";
import { describeDraft, describeMade } from "../imports/describe-import.ts";
import type { ImportParts } from "../imports/import-parts.ts";
import {
  commitBody,
  descriptionBody,
  importReport,
  importStatistics,
  maxDescriptionBodyBytes,
  wantedSecrets,
} from "../imports/import-schemas.ts";
import { type AnyOperation, defineOperation } from "../operation.ts";
import { saveText } from "../servers/change-server.ts";
import { etagOf } from "../servers/if-match.ts";
import { requireTenant } from "../servers/judge-draft.ts";
import {
  conflictProblem,
  describeVersion,
  documentProblem,
  documentRefusal,
  serverVersion,
  tenantParams,
} from "../servers/server-schemas.ts";

export const importTag = "Imports";

/** A document that an import would save. */
export const importedDraft = {
  name: z.string(),
  text: z.string().describe("YAML of the document; empty when it is too large to be saved."),
  isValid: z.boolean().describe("Whether it could be saved."),
  problems: z.array(documentProblem),
  permissions: z
    .array(z.strictObject({ permission: z.string(), deed: z.string() }))
    .describe("Permissions that saving it needs besides servers.write, and what needs them."),
};

const made = { report: importReport, secrets: wantedSecrets, statistics: importStatistics };
export const importResponses = {
  422: { description: "The description cannot be fetched or read, or the document cannot be served." },
  503: { description: "Too many imports wait; Retry-After says when to come again." },
} as const;

/** New servers from OpenAPI descriptions. */
export function importOperations(parts: ImportParts): readonly AnyOperation[] {
  return [previewOpenApi(parts), commitOpenApi(parts)];
}

function previewOpenApi(parts: ImportParts): AnyOperation {
  return defineOperation({
    id: "previewOpenApiImport",
    method: "post",
    path: "/tenants/{tenant}/imports/openapi/preview",
    tag: importTag,
    summary: "Tell what an OpenAPI description would become",
    description: "OpenAPI 2.0 to 3.2, JSON or YAML. Nothing is saved.",
    access: { kind: "permission", permission: "servers.read" },
    params: tenantParams,
    body: descriptionBody,
    maxBodyBytes: maxDescriptionBodyBytes,
    responses: {
      ...importResponses,
      200: {
        description: "The document, and what became of each operation.",
        schema: z
          .strictObject({ ...importedDraft, ...made })
          .meta({ id: "ImportPreview", description: "What an import would make." }),
      },
    },
    handle: async (call) => {
      const { tenant } = call.params;
      await requireTenant(parts, tenant);
      const compiled = await compileGiven(parts, call, givenIn(call.body));
      const { document, text } = compiled.made;
      const draft = await describeDraft(parts, tenant, text, nameOf(document));
      return { status: 200, body: { ...draft, ...describeMade(compiled.made) } };
    },
  });
}

function commitOpenApi(parts: ImportParts): AnyOperation {
  return defineOperation({
    id: "commitOpenApiImport",
    method: "post",
    path: "/tenants/{tenant}/imports/openapi/commit",
    tag: importTag,
    summary: "Create a server of an OpenAPI description",
    description: "As `createServer` would with the text of the preview. What was chosen is kept for `reimportServer`.",
    access: { kind: "permission", permission: "servers.write" },
    params: tenantParams,
    body: commitBody,
    maxBodyBytes: maxDescriptionBodyBytes,
    isCreation: true,
    responses: {
      ...importResponses,
      403: { description: "The caller may not define what the document has." },
      409: { description: "The name is taken.", schema: conflictProblem },
      422: { description: "The description cannot be read, or the document not be served.", schema: documentRefusal },
      201: {
        description: "The first version, and what became of each operation.",
        schema: z
          .strictObject({ server: serverVersion, ...made })
          .meta({ id: "ImportedServer", description: "A server that an import has made." }),
      },
    },
    handle: async (call) => {
      const { tenant } = call.params;
      const { message } = call.body;
      await requireTenant(parts, tenant);
      const given = givenIn(call.body);
      // Before the work, where the name is known; and after it, where the description chooses.
      if (given.choices.name !== undefined) await requireFreeName(parts, tenant, given.choices.name);
      const compiled = await compileGiven(parts, call, given);
      const { document, text } = compiled.made;
      const ref = { tenant, name: nameOf(document) };
      const newest = await requireFreeName(parts, tenant, ref.name);
      const why =
        message === "" ? `import of ${given.source.kind === "url" ? hostOf(given.source.url) : "OpenAPI"}` : message;
      const server = await saveText({ parts, call, ref, newest, message: why }, text);
      await keepImport(parts, call, ref.name, { source: given.source, compiled });
      const location = `/api/v1/tenants/${tenant}/servers/${ref.name}`;
      const body = { server: describeVersion(server), ...describeMade(compiled.made) };
      return { status: 201, headers: { location, etag: etagOf(server) }, body };
    },
  });
}

/** The newest version when the server is deleted. @throws AppError `conflict` when there is one */
async function requireFreeName(parts: ImportParts, tenant: string, name: string) {
  const newest = await parts.documents.get({ tenant, name });
  if (newest === undefined || newest.change === "delete") return newest;
  throw new AppError("conflict", `The tenant ${tenant} has a server ${name} already.`, {
    data: { current: describeVersion(newest) },
  });
}

/** The compiler writes a name in any case. */
function nameOf({ name }: JsonObject): string {
  return typeof name === "string" ? name : "document";
}

function hostOf(url: string): string {
  return new URL(url).host;
}
