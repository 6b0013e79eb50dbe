import type { JsonValue } from "../../core/json.ts";
import { celString } from "../document/cel-text.ts";
import { type TextPiece, templateText } from "../document/template-text.ts";
import { isCredential } from "../secrets/credential-look.ts";
import type { NeededSecrets } from "../secrets/needed-secrets.ts";

/** What a client asks its user for: VS Code's `inputs`. */
export interface ClientInput {
  readonly description: string | undefined;
  readonly default: string | undefined;
  /** A choice between values that everybody may see. */
  readonly isChoice: boolean;
}

export interface TextContext {
  readonly inputs: ReadonlyMap<string, ClientInput>;
  readonly secrets: NeededSecrets;
  /** Begins the names of secrets that the configuration holds in clear text. */
  readonly owner: string;
  readonly note: (code: string, message: string) => void;
}

/** `${env:NAME}`, `${NAME}`, `${NAME:-default}`, `$NAME`, `{env:NAME}`, `${input:ID}`, `${workspaceFolder}` */
const variable =
  /\$\{env:(\w+)\}|\{env:(\w+)\}|\$\{input:([\w.-]+)\}|\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}|\$([A-Za-z_]\w*)/g;

/** Variables that name folders of an editor, not of the environment. */
const folders = /^(?:workspaceFolder(?:Basename)?|userHome|workspaceRoot|cwd|pathSeparator)$/;

/**
 * A value of a client's configuration as a text of a document: variables and what the client asks for become secrets,
 * and so does a credential in clear text. `name` is what the value is called, `place` where it stands.
 */
export function foreignText(name: string, value: string, place: string, context: TextContext): string {
  const pieces: TextPiece[] = [];
  let at = 0;
  for (const match of value.matchAll(variable)) {
    const source = variableSource(match, place, context);
    if (source === undefined) continue;
    if (match.index > at) pieces.push({ kind: "literal", text: value.slice(at, match.index) });
    pieces.push(source);
    at = match.index + match[0].length;
  }
  if (pieces.length > 0) return templateText([...pieces, { kind: "literal", text: value.slice(at) }]);
  return isCredential(name, value)
    ? hiddenText(name, value, place, context)
    : templateText([{ kind: "literal", text: value }]);
}

function variableSource(match: RegExpExecArray, place: string, context: TextContext): TextPiece | undefined {
  const [whole, env, braced, input, plain, fallback, bare] = match;
  if (input !== undefined) return inputPiece(input, place, context);
  const name = env ?? braced ?? plain ?? bare ?? "";
  if (folders.test(name)) {
    context.note(
      "editor-variable",
      `${whole} is a folder of the editor and was kept as it is: write the path into ${place}.`,
    );
    return undefined;
  }
  const reference = context.secrets.reference(name, place);
  if (fallback === undefined) return { kind: "expression", source: reference };
  return { kind: "expression", source: `has(${reference}) ? ${reference} : ${celString(fallback)}` };
}

function inputPiece(id: string, place: string, { inputs, secrets }: TextContext): TextPiece {
  const input = inputs.get(id);
  if (input?.isChoice === true && input.default !== undefined) return { kind: "literal", text: input.default };
  const purpose = input?.description === undefined ? place : `${place} (${input.description})`;
  const reference = secrets.reference(id, purpose);
  if (input?.default === undefined) return { kind: "expression", source: reference };
  return { kind: "expression", source: `has(${reference}) ? ${reference} : ${celString(input.default)}` };
}

/** A credential in clear text: its value goes nowhere. A scheme before it stays. */
function hiddenText(name: string, value: string, place: string, { secrets, owner, note }: TextContext): string {
  const scheme = /^(?:Bearer|Basic|Token)\s+(?=\S)/i.exec(value)?.[0] ?? "";
  // Names of variables say what they are for; names of headers do not say whose they are.
  const suggestion = /^[A-Z][A-Z0-9_]*$/.test(name)
    ? name
    : `${owner}_${/^authorization$/i.test(name) ? "TOKEN" : name}`;
  const source = secrets.reference(suggestion, place, value.slice(scheme.length));
  note("value-is-secret", `${place} looks like a credential: its value is not in the document, set it as a secret.`);
  return templateText([
    { kind: "literal", text: scheme },
    { kind: "expression", source },
  ]);
}

/** The value of a variable of the environment that the client hands on. */
export function environmentText(name: string, place: string, { secrets }: TextContext): string {
  return `\${${secrets.reference(name, place)}}`;
}

/** Texts of a value that should be an object of texts; numbers and booleans count as their text. */
export function textMembers(value: JsonValue | undefined): [string, string][] {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, member]): [string, string][] =>
    typeof member === "object" ? [] : [[key, String(member)]],
  );
}
