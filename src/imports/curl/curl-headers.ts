import { celString } from "../document/cel-text.ts";
import { literalText } from "../document/template-text.ts";
import type { ImportNote } from "../report/import-report.ts";
import { isCredential } from "../secrets/credential-look.ts";
import type { NeededSecrets } from "../secrets/needed-secrets.ts";
import type { CurlRequest } from "./curl-command.ts";
import { placeholderName } from "./guessed-value.ts";

export interface CurlHeaders {
  /** Texts of a document. */
  readonly plain: Readonly<Record<string, string>>;
  /** Likewise; each names a secret. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly contentType: string | undefined;
}

export interface HeaderContext {
  readonly request: CurlRequest;
  readonly userInfo: string | undefined;
  /** Begins the names of secrets: the upstream's. */
  readonly owner: string;
  readonly secrets: NeededSecrets;
  readonly note: (note: ImportNote) => void;
}

/** Belong to one connection or to the browser's own bookkeeping. */
const ofConnection =
  /^(?:host|content-length|connection|transfer-encoding|keep-alive|te|trailer|upgrade|expect|proxy-connection|accept-encoding)$/i;
const ofBrowser =
  /^(?:sec-.*|dnt|priority|origin|referer|user-agent|accept-language|cache-control|pragma|upgrade-insecure-requests|if-none-match|if-modified-since)$/i;

/** The headers that a command sends. Credentials become secrets; what a browser adds by itself is left out. */
export function readHeaders(context: HeaderContext): CurlHeaders {
  const { request, note } = context;
  const plain: Record<string, string> = {};
  const credentials: Record<string, string> = {};
  let contentType: string | undefined;
  const given = givenHeaders(request);
  const isFromBrowser = given.some(([name]) => /^sec-(?:fetch|ch-ua)/i.test(name));
  const leftOut = given.filter(([name]) => ofConnection.test(name) || (isFromBrowser && ofBrowser.test(name)));
  for (const [name, value] of given) {
    if (/^content-type$/i.test(name)) contentType = value;
    else if (/^cookie$/i.test(name)) credentials["cookie"] = secretText(name, value, context);
    else if (leftOut.some(([other]) => other === name)) continue;
    else if (isCredential(name, value)) credentials[name] = secretText(name, value, context);
    else plain[name] = literalText(value);
  }
  if (leftOut.length > 0) {
    const names = [...new Set(leftOut.map(([name]) => name))].join(", ");
    const whose = isFromBrowser ? "belong to the browser or its connection" : "belong to the connection";
    note({
      code: "headers-left-out",
      message: `These headers ${whose} and were left out: ${names}.`,
      pointer: `line ${request.line}`,
    });
  }
  const authorization = authorizationOf(context);
  if (authorization !== undefined) credentials["authorization"] = authorization;
  return { plain, credentials, contentType };
}

function givenHeaders({ options, data }: CurlRequest): (readonly [string, string])[] {
  const headers: (readonly [string, string])[] = [];
  for (const line of options.get("header") ?? []) {
    const colon = line.indexOf(":");
    // `Name;` is a header without a value, `Name:` takes away one of curl's own.
    if (colon === -1 && line.endsWith(";")) headers.push([line.slice(0, -1), ""]);
    else if (colon > 0 && line.slice(colon + 1).trim() !== "")
      headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
  }
  const has = (wanted: string): boolean => headers.some(([name]) => name.toLowerCase() === wanted);
  if (data.some(({ meaning }) => meaning === "json")) {
    if (!has("content-type")) headers.push(["content-type", "application/json"]);
    if (!has("accept")) headers.push(["accept", "application/json"]);
  }
  for (const [meaning, name] of [
    ["userAgent", "user-agent"],
    ["referer", "referer"],
    ["cookie", "cookie"],
  ] as const) {
    const value = options.get(meaning)?.join("; ");
    if (value !== undefined && !has(name) && !(meaning === "cookie" && !value.includes("=")))
      headers.push([name, value]);
  }
  return headers;
}

function authorizationOf({ request, userInfo, owner, secrets, note }: HeaderContext): string | undefined {
  const bearer = request.options.get("bearer")?.at(-1);
  if (bearer !== undefined) {
    return `Bearer \${${secrets.reference(placeholderName(bearer) ?? `${owner}_TOKEN`, "the header authorization", bearer)}}`;
  }
  const user = request.options.get("user")?.at(-1) ?? userInfo;
  if (user === undefined) return undefined;
  const colon = user.indexOf(":");
  if (colon === -1) {
    note({
      code: "password-asked",
      message: "curl asks for the password of -u; the secret is the password alone.",
      pointer: `line ${request.line}`,
    });
  }
  const name = colon === -1 ? user : user.slice(0, colon);
  const password = colon === -1 ? undefined : user.slice(colon + 1);
  return `Basic \${base64Encode(${userSource(name, password, owner, secrets)})}`;
}

/** Keys of APIs stand in the place of the name, with an empty password or one that does not matter. */
function userSource(name: string, password: string | undefined, owner: string, secrets: NeededSecrets): string {
  const isKey = password === "" || placeholderName(name) !== undefined || isCredential("", name);
  const user = isKey
    ? secrets.reference(placeholderName(name) ?? `${owner}_KEY`, "the user name of the header authorization", name)
    : celString(name);
  if (password === "") return `${user} + ":"`;
  const purpose = isKey ? "the password of the header authorization" : `the password of the user ${name}`;
  return `${user} + ":" + ${secrets.reference(placeholderName(password ?? "") ?? `${owner}_PASSWORD`, purpose, password)}`;
}

/** `Bearer …` keeps its scheme; any other value is a secret as a whole. */
function secretText(name: string, value: string, { owner, secrets }: HeaderContext): string {
  const scheme = /^(Bearer|Basic|Token|ApiKey|Key|Digest|Bot)\s+(?=\S)/i.exec(value)?.[0] ?? "";
  const rest = value.slice(scheme.length);
  const suffix = /^authorization$/i.test(name) ? "TOKEN" : name;
  const suggestion = placeholderName(rest) ?? `${owner}_${suffix}`;
  return `${literalText(scheme)}\${${secrets.reference(suggestion, `the header ${name}`, rest)}}`;
}
