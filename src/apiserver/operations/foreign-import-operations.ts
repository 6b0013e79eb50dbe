import * as z from "zod";
import type { JsonObject } from "../../core/json.ts";
import type { ImportedDocuments } from "../../imports/document/imported-documents.ts";
import { describeDraft, describeReport } from "../imports/describe-import.ts";
import type { ImportParts } from "../imports/import-parts.ts";
import { importReport, newPrefix, wantedSecrets } from "../imports/import-schemas.ts";
import { type AnyOperation, defineOperation } from "../operation.ts";
import { requireTenant } from "../servers/judge-draft.ts";
import { identifier, tenantParams } from "../servers/server-schemas.ts";
import { importedDraft, importTag } from "./import-operations.ts";

const foreignBody = z.strictObject({
  text: z.string().min(1).max(500_000),
  name: identifier.optional().describe("Name of the server; without it made from what is imported."),
  prefix: newPrefix,
  separate: z.boolean().default(false).describe("Of clients' configurations: a server for each instead of one."),
});
type ForeignBody = z.output<typeof foreignBody>;

/** Servers from what other programs are configured with. `createServer` saves what is previewed. */
export function foreignImportOperations(parts: ImportParts): readonly AnyOperation[] {
  return [
    preview(parts, {
      id: "previewMcpJsonImport",
      kind: "mcp-json",
      summary: "Tell what the configuration of an MCP client would become",
      make: async ({ text, ...options }) => {
        const { importMcpJson } = await import("../../imports/mcp-json/import-mcp-json.ts");
        return importMcpJson(text, options);
      },
    }),
    preview(parts, {
      id: "previewCurlImport",
      kind: "curl",
      summary: "Tell what curl commands would become",
      make: async ({ text, ...options }) => {
        const { importCurl } = await import("../../imports/curl/import-curl.ts");
        return importCurl(text, options);
      },
    }),
    preview(parts, {
      id: "previewUnlaImport",
      kind: "unla",
      summary: "Tell what the configuration of an Unla gateway would become",
      make: async ({ text, ...options }) => {
        const { importUnla } = await import("../../imports/unla/import-unla.ts");
        return importUnla([parts.readUnla("the configuration", text)], options);
      },
    }),
  ];
}

interface ForeignImport {
  readonly id: string;
  readonly kind: string;
  readonly summary: string;
  /** Loads the importer when it is asked for: a control plane that imports nothing starts without them. */
  readonly make: (body: ForeignBody) => Promise<ImportedDocuments>;
}

function preview(parts: ImportParts, { id, kind, summary, make }: ForeignImport): AnyOperation {
  return defineOperation({
    id,
    method: "post",
    path: `/tenants/{tenant}/imports/${kind}/preview`,
    tag: importTag,
    summary,
    description:
      "Nothing is saved, connected to or started. Credentials become secrets; their values are not answered.",
    access: { kind: "permission", permission: "servers.read" },
    params: tenantParams,
    body: foreignBody,
    responses: {
      200: {
        description: "The documents, and what became of each entry.",
        schema: z
          .strictObject({
            documents: z.array(z.strictObject(importedDraft)),
            report: importReport,
            secrets: wantedSecrets,
          })
          .meta({ id: "ForeignImportPreview", description: "What an import would make." }),
      },
      422: { description: "The text is none of the kind." },
    },
    handle: async ({ params: { tenant }, body }) => {
      await requireTenant(parts, tenant);
      const { documents, report, secrets } = await make(body);
      const { writeDocument } = await import("../../imports/write-document.ts");
      const drafts = [];
      for (const document of documents) {
        const own = ofTenant(document, tenant);
        drafts.push(
          await describeDraft(
            parts,
            tenant,
            writeDocument(own),
            typeof own["name"] === "string" ? own["name"] : "server",
          ),
        );
      }
      const wanted = secrets.map(({ name, purpose }) => ({ name, usedFor: purpose }));
      return { status: 200, body: { documents: drafts, report: describeReport(report), secrets: wanted } };
    },
  });
}

/** `default` is what documents say by saying nothing. */
function ofTenant({ name = "server", ...document }: JsonObject, tenant: string): JsonObject {
  const { tenant: _tenant, ...rest } = document;
  return tenant === "default" ? { name, ...rest } : { name, tenant, ...rest };
}
