import * as z from "zod";
import { prefixPattern } from "../../core/document-rules.ts";
import { describeDocument } from "../../core/config/describe.ts";
import type { ServerDocument } from "../../core/config/document.ts";
import { planChanges } from "../../core/config/plan.ts";
import type { StoredVersion } from "../../core/config-store.ts";
import { AppError } from "../../core/errors.ts";
import { type AnyOperation, defineOperation } from "../operation.ts";
import { saveText } from "../servers/change-server.ts";
import { diffTexts } from "../servers/diff-texts.ts";
import { findServer } from "../servers/find-server.ts";
import { etagOf } from "../servers/if-match.ts";
import { judgeDraft } from "../servers/judge-draft.ts";
import { prefixForCopy, renameText } from "../servers/rename-text.ts";
import type { ServerParts } from "../servers/server-parts.ts";
import {
  changeMessage,
  conflictProblem,
  describeProblems,
  describeVersion,
  documentProblem,
  documentRefusal,
  documentText,
  identifier,
  maxTextBodyBytes,
  serverParams,
  serverVersion,
  tenantParams,
  textDiff,
} from "../servers/server-schemas.ts";

const tag = "Drafts";

/** What can be known of a document before it is saved, and copies. */
export function draftOperations(parts: ServerParts): readonly AnyOperation[] {
  return [validateServer(parts), planServer(parts), duplicateServer(parts)];
}

const draftBody = z.strictObject({
  text: documentText,
  name: identifier.optional().describe("Name that the text must have; without it the text may choose."),
});

const draftShape = {
  isValid: z.boolean().describe("Whether it could be saved."),
  name: z.string().optional().describe("Absent when the text is no document."),
  problems: z.array(documentProblem),
  permissions: z
    .array(z.strictObject({ permission: z.string(), deed: z.string() }))
    .describe("Permissions that saving it needs besides servers.write, and what needs them."),
};

function validateServer(parts: ServerParts): AnyOperation {
  return defineOperation({
    id: "validateServer",
    method: "post",
    path: "/tenants/{tenant}/servers/validate",
    tag,
    summary: "Tell everything that is wrong with a document",
    description: "As saving it would, without saving it or connecting to anything.",
    access: { kind: "permission", permission: "servers.read" },
    params: tenantParams,
    body: draftBody,
    maxBodyBytes: maxTextBodyBytes,
    responses: {
      200: {
        description: "The verdict.",
        schema: z.strictObject(draftShape).meta({ id: "Verdict", description: "What is to be said of a document." }),
      },
      404: { description: "There is no such tenant." },
    },
    handle: async ({ params, body }) => {
      const { verdict } = await judge(parts, params.tenant, body);
      return { status: 200, body: verdict };
    },
  });
}

async function judge(parts: ServerParts, tenant: string, { text, name }: z.output<typeof draftBody>) {
  const known = await parts.judge.judge(text, name ?? "document");
  const named = name ?? known.document?.name;
  const newest = named === undefined ? undefined : await parts.documents.get({ tenant, name: named });
  const judged = await judgeDraft(parts, { tenant, name, text, known, newest });
  const { document, problems, guarded } = judged;
  const verdict = {
    isValid: document !== undefined && problems.every(({ severity }) => severity !== "error"),
    ...(document === undefined ? {} : { name: document.name }),
    problems: describeProblems(problems),
    permissions: guarded.map(({ permission, deed }) => ({ permission, deed })),
  };
  return { judged, verdict, newest };
}

const change = z.enum(["add", "change", "remove"]);
const partChange = z
  .strictObject({
    change,
    part: z.string().describe("`tool`, `route` …; `key` for a key of the document itself."),
    name: z.string(),
    keys: z.array(z.string()).describe("The keys that differ."),
  })
  .meta({ id: "PartChange", description: "A part of a server that would differ." });

function planServer(parts: ServerParts): AnyOperation {
  return defineOperation({
    id: "planServer",
    method: "post",
    path: "/tenants/{tenant}/servers/plan",
    tag,
    summary: "Tell what saving a document would change for clients",
    description: "Defaults that are written out and the order of keys make no difference; the diff is of the texts.",
    access: { kind: "permission", permission: "servers.read" },
    params: tenantParams,
    body: draftBody,
    maxBodyBytes: maxTextBodyBytes,
    responses: {
      200: {
        description: "The plan.",
        schema: z
          .strictObject({
            ...draftShape,
            basedOn: z.int().describe("The newest version; 0 when there is none."),
            change: change.optional().describe("Absent when nothing changes for clients, or the text is no document."),
            parts: z.array(partChange),
            diff: textDiff,
          })
          .meta({ id: "Plan", description: "What saving a document would change." }),
      },
      404: { description: "There is no such tenant." },
    },
    handle: async ({ params, body }) => {
      const { judged, verdict, newest } = await judge(parts, params.tenant, body);
      const served = await documentOf(parts, newest);
      const [planned] = judged.document === undefined ? [] : planChanges(describe(served), describe(judged.document));
      const diff = diffTexts(
        { label: `version ${newest?.version ?? 0}`, text: newest?.text ?? "" },
        { label: "draft", text: body.text },
      );
      const found = planned === undefined ? { parts: [] } : { change: planned.change, parts: planned.parts };
      return { status: 200, body: { ...verdict, basedOn: newest?.version ?? 0, ...found, diff } };
    },
  });
}

async function documentOf({ judge }: ServerParts, version: StoredVersion | undefined) {
  return version?.text === undefined ? undefined : (await judge.judge(version.text, "newest")).document;
}

function describe(document: ServerDocument | undefined) {
  return document === undefined ? [] : [describeDocument(document)];
}

function duplicateServer(parts: ServerParts): AnyOperation {
  return defineOperation({
    id: "duplicateServer",
    method: "post",
    path: "/tenants/{tenant}/servers/{name}/duplicate",
    tag,
    summary: "Copy a server under another name",
    description: "Comments stay; name and prefixes are exchanged in the text.",
    access: { kind: "permission", permission: "servers.write" },
    params: serverParams,
    body: z.strictObject({
      name: identifier.describe("Name of the copy."),
      prefixes: z
        .array(z.string().regex(prefixPattern, "must be a prefix such as /crm"))
        .max(100)
        .optional()
        .describe("Prefixes of its routes in their order; without them the old ones with the new name in them."),
      message: changeMessage,
    }),
    isCreation: true,
    responses: {
      201: { description: "The first version of the copy.", schema: serverVersion },
      403: { description: "The caller may not define what the document has: a program, private addresses." },
      404: { description: "There is no such server." },
      409: { description: "The name is taken.", schema: conflictProblem },
      422: { description: "The copy could not be served; nothing was saved.", schema: documentRefusal },
    },
    handle: async (call) => {
      const { params, body } = call;
      const { text = "" } = await findServer(parts, params);
      const ref = { tenant: params.tenant, name: body.name };
      const newest = await parts.documents.get(ref);
      if (newest !== undefined && newest.change !== "delete") {
        throw new AppError("conflict", `The tenant ${ref.tenant} has a server ${ref.name} already.`, {
          data: { current: describeVersion(newest) },
        });
      }
      const judged = await parts.judge.judge(text, params.name);
      if (judged.document === undefined) throw new AppError("unprocessable", "The text is no document any more.");
      const prefixes =
        body.prefixes ?? judged.document.routes.map(({ prefix }) => prefixForCopy(prefix, params.name, body.name));
      const copy = renameText(text, judged, judged.document, { name: body.name, prefixes });
      const message = body.message === "" ? `copy of ${params.name}` : body.message;
      const made = await saveText({ parts, call, ref, newest, message }, copy);
      const imported = await parts.imports.get(params);
      if (imported !== undefined) await parts.imports.put(ref, imported);
      const location = `/api/v1/tenants/${ref.tenant}/servers/${made.name}`;
      return { status: 201, headers: { location, etag: etagOf(made) }, body: describeVersion(made) };
    },
  });
}
