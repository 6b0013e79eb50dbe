import { createHash } from "node:crypto";
import type { Hono } from "hono";
import * as z from "zod";
import { isJsonObject, type JsonObject } from "../core/json.ts";
import { apiRoot } from "./app.ts";
import { describeApi } from "./openapi.ts";
import { type AnyOperation, defineOperation } from "./operation.ts";
import { pageStyle } from "./api-page-style.ts";
import { writeReply } from "./write-answer.ts";

/** The description as JSON: `GET /api/v1/openapi.json`. It is made once, when it is asked for first. */
export function apiDescriptionOperation(operations: () => readonly AnyOperation[], version: string): AnyOperation {
  let text: string | undefined;
  return defineOperation({
    id: "getApiDescription",
    method: "get",
    path: "/openapi.json",
    tag: "Description",
    summary: "Get this description of the API (OpenAPI 3.1)",
    access: { kind: "public", limit: 120 },
    responses: { 200: { description: "The description.", schema: z.looseObject({ openapi: z.string() }) } },
    handle: async () => {
      text ??= JSON.stringify(describeApi(operations(), version));
      return { status: 200, raw: text, headers: { "content-type": "application/json" } };
    },
  });
}

/** The description as a page without scripts: `GET /api/docs`. */
export function addApiPage(app: Hono, operations: () => readonly AnyOperation[], version: string): void {
  let page: string | undefined;
  const styleHash = createHash("sha256").update(pageStyle).digest("base64");
  const headers = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": `default-src 'none'; style-src 'sha256-${styleHash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
  };
  app.get("/api/docs", (context) => {
    page ??= renderPage(describeApi(operations(), version));
    return writeReply(context, { status: 200, raw: page, headers });
  });
}

interface PageOperation {
  readonly method: string;
  readonly path: string;
  readonly operation: JsonObject;
}

/** An OpenAPI description as HTML. */
export function renderPage(description: JsonObject): string {
  const groups = groupByTag(operationsOf(description));
  const schemas = Object.entries(objectAt(objectAt(description, "components"), "schemas"));
  const { title, version, description: about } = objectAt(description, "info");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)} API</title>
<style>${pageStyle}</style>
</head>
<body>
<nav aria-label="Operations">
<h1>${escape(title)} API</h1>
<p>${escape(version)} · <a href="${apiRoot}/openapi.json">openapi.json</a></p>
${groups.map(([tag, list]) => `<h2>${escape(tag)}</h2>\n<ul>${list.map(navItem).join("")}</ul>`).join("\n")}
<h2><a href="#schemas">Schemas</a></h2>
</nav>
<main>
<p>${escape(about)}</p>
${groups.map(([tag, list]) => `<section><h2>${escape(tag)}</h2>\n${list.map(renderOperation).join("\n")}</section>`).join("\n")}
<section id="schemas"><h2>Schemas</h2>
${schemas.map(([name, schema]) => `<article id="schema-${escape(name)}"><h3>${escape(name)}</h3>${renderSchema(schema)}</article>`).join("\n")}
</section>
</main>
</body>
</html>
`;
}

function operationsOf(description: JsonObject): PageOperation[] {
  return Object.entries(objectAt(description, "paths")).flatMap(([path, methods]) =>
    Object.entries(isJsonObject(methods) ? methods : {}).flatMap(([method, operation]) =>
      isJsonObject(operation) ? [{ method, path, operation }] : [],
    ),
  );
}

function groupByTag(operations: readonly PageOperation[]): [string, PageOperation[]][] {
  const groups = new Map<string, PageOperation[]>();
  for (const entry of operations) {
    const tag = Array.isArray(entry.operation.tags) ? String(entry.operation.tags[0]) : "";
    groups.set(tag, [...(groups.get(tag) ?? []), entry]);
  }
  return [...groups];
}

function navItem({ operation }: PageOperation): string {
  return `<li><a href="#${escape(operation.operationId)}">${escape(operation.summary)}</a></li>`;
}

function renderOperation({ method, path, operation }: PageOperation): string {
  const { operationId, summary, description, parameters, requestBody, responses } = operation;
  const rows = (Array.isArray(parameters) ? parameters : []).filter(isJsonObject).map(renderParameter);
  const body = isJsonObject(requestBody) ? `<h4>Body</h4>${renderContent(requestBody)}` : "";
  return `<article id="${escape(operationId)}">
<h3><a href="#${escape(operationId)}">${escape(summary)}</a></h3>
<p class="call"><b>${method.toUpperCase()}</b> <code>${escape(path)}</code></p>
<p class="who">${whoMay(operation)}</p>
${description === undefined ? "" : `<p>${escape(description)}</p>`}
${rows.length === 0 ? "" : `<h4>Parameters</h4><table><tr><th>name</th><th>in</th><th>type</th><th>meaning</th></tr>${rows.join("")}</table>`}
${body}
<h4>Answers</h4>
<dl>${Object.entries(isJsonObject(responses) ? responses : {})
    .map(([status, response]) => renderResponse(status, response))
    .join("")}</dl>
</article>`;
}

function whoMay(operation: JsonObject): string {
  const permission = operation["x-permission"];
  if (permission !== undefined) return `Needs the permission <code>${escape(permission)}</code>.`;
  const security = Array.isArray(operation.security) ? operation.security : [];
  if (security.length === 0) return "Everybody may call this, at a limited rate.";
  return JSON.stringify(security).includes("gateway") ? "For gateways." : "For everybody who is signed in.";
}

function renderParameter({ name, in: place, required, schema, description }: JsonObject): string {
  const mark = required === true ? " <em>required</em>" : "";
  return `<tr><td><code>${escape(name)}</code>${mark}</td><td>${escape(place)}</td><td>${typeOf(schema)}</td><td>${escape(description ?? "")}</td></tr>`;
}

function renderResponse(status: string, response: unknown): string {
  if (!isJsonObject(response)) return "";
  return `<dt>${escape(status)}</dt><dd>${escape(response.description)} ${renderContent(response)}</dd>`;
}

function renderContent(holder: JsonObject): string {
  return Object.entries(objectAt(holder, "content"))
    .map(([type, media]) => {
      const schema = isJsonObject(media) ? media.schema : undefined;
      return `<p><code>${escape(type)}</code> ${typeOf(schema)}</p>${renderSchema(schema)}`;
    })
    .join("");
}

/** The members of an object, as a table; nothing for what its type says already. */
function renderSchema(schema: unknown): string {
  if (!isJsonObject(schema)) return "";
  const needed = Array.isArray(schema.required) ? schema.required : [];
  const rows = Object.entries(objectAt(schema, "properties")).map(([name, property]) => {
    const mark = needed.includes(name) ? " <em>required</em>" : "";
    const meaning = isJsonObject(property) ? (property.description ?? "") : "";
    return `<tr><td><code>${escape(name)}</code>${mark}</td><td>${typeOf(property)}</td><td>${escape(meaning)}</td></tr>`;
  });
  const about = schema.description === undefined ? "" : `<p>${escape(schema.description)}</p>`;
  if (rows.length === 0) return about;
  return `${about}<table><tr><th>name</th><th>type</th><th>meaning</th></tr>${rows.join("")}</table>`;
}

function typeOf(schema: unknown): string {
  if (!isJsonObject(schema)) return "";
  const { $ref, type, items, const: only } = schema;
  if (typeof $ref === "string") {
    const name = escape($ref.slice($ref.lastIndexOf("/") + 1));
    return `<a href="#schema-${name}">${name}</a>`;
  }
  if (only !== undefined) return `<code>${escape(JSON.stringify(only))}</code>`;
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => `<code>${escape(value)}</code>`).join(", ");
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(alternatives)) return alternatives.map(typeOf).join(" or ");
  if (type === "array") return `list of ${typeOf(items)}`;
  return type === undefined ? "any value" : escape(type);
}

function objectAt(holder: JsonObject, key: string): JsonObject {
  const value = Object.hasOwn(holder, key) ? holder[key] : undefined;
  return isJsonObject(value) ? value : {};
}

function escape(value: unknown): string {
  return String(value)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
