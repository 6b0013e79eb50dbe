import Enforcer from "openapi-enforcer";
import { type DescribedOperation, follow } from "./described-operations.ts";
import { readForm } from "./read-form.ts";
import { isTree, type Tree, treeIn } from "./read-description.ts";
import { sliceDescription } from "./slice-description.ts";

/** A request as it reached the backend. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export type Judgement =
  | { readonly kind: "accepted" }
  | { readonly kind: "rejected"; readonly reason: string }
  /** The validator does not take the description. */
  | { readonly kind: "not-judged"; readonly reason: string };

/** What of a description the validator need not like: bodies of GET and DELETE, formats that it does not know. */
const leniency = { hideWarnings: true, componentOptions: { exceptionSkipCodes: ["EDEV001"] } };

/** Judges a request by the description that its tool was made from, with a library that reads it by itself. */
export async function judgeRequest(
  root: Tree,
  described: DescribedOperation,
  request: ReceivedRequest,
): Promise<Judgement> {
  const slice = sliceDescription(root, described);
  const result = await Enforcer(slice, { fullResult: true, ...leniency });
  if (result.error !== undefined) return { kind: "not-judged", reason: oneLine(result.error) };
  try {
    const body = await bodyOf(slice, described, request);
    const { error } = result.value.request(
      {
        method: request.method.toLowerCase(),
        path: request.target,
        headers: request.headers,
        ...(body === undefined ? {} : { body }),
      },
      { allowOtherQueryParameters: credentialNames(root) },
    );
    return error === undefined ? { kind: "accepted" } : { kind: "rejected", reason: oneLine(error) };
  } catch (error) {
    return { kind: "rejected", reason: `the validator failed: ${oneLine(error)}` };
  }
}

/** Parameters of the query that are no parameters but keys: the validator looks for them among the parameters. */
function credentialNames(root: Tree): string[] {
  const schemes = { ...treeIn(treeIn(root, "components"), "securitySchemes"), ...treeIn(root, "securityDefinitions") };
  return Object.values(schemes)
    .map((scheme) => follow(root, scheme))
    .filter(isTree)
    .filter((scheme) => scheme["in"] === "query")
    .map((scheme) => String(scheme["name"]));
}

/** The body as a value: the validator parses none. */
async function bodyOf(
  slice: Tree,
  { method }: DescribedOperation,
  { headers, body }: ReceivedRequest,
): Promise<object | string | undefined> {
  const type = headers["content-type"] ?? "";
  if (body.length === 0 && type === "") return undefined;
  if (/[/+]json\b/.test(type)) {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === "object" && value !== null ? value : JSON.stringify(value);
  }
  if (/^(?:multipart\/form-data|application\/x-www-form-urlencoded)/.test(type)) {
    const form = await new Response(new Uint8Array(body), { headers: { "content-type": type } }).formData();
    return readForm(form, { schema: formSchema(slice, method, type), root: slice, file: binaryText });
  }
  return isBinary(type) ? binaryText : body.toString();
}

/** Bytes as the validator writes them. */
const binaryText = "01000001";

function isBinary(type: string): boolean {
  return !/^text\/|[/+]xml\b/.test(type);
}

/** The schema of the form, of 2.0 too. */
function formSchema(slice: Tree, method: string, type: string): unknown {
  const [item] = Object.values(treeIn(slice, "paths"));
  const operation = isTree(item) ? treeIn(item, method.toLowerCase()) : {};
  const parameters = [operation["parameters"], isTree(item) ? item["parameters"] : []].flat();
  const fields = parameters.map((parameter) => follow(slice, parameter)).filter(isTree);
  if (slice["swagger"] !== undefined) {
    return {
      properties: Object.fromEntries(
        fields.filter((field) => field["in"] === "formData").map((field) => [String(field["name"]), field]),
      ),
    };
  }
  const body = follow(slice, operation["requestBody"]);
  const content = isTree(body) ? treeIn(body, "content") : {};
  const key = Object.keys(content).find((name) => type.startsWith(name.split(";")[0] ?? name));
  return key === undefined ? {} : treeIn(content, key)["schema"];
}

function oneLine(error: unknown): string {
  return String(error)
    .replaceAll(/\s*\n\s*/g, " > ")
    .slice(0, 400);
}
