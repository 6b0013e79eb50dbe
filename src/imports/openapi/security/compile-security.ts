import type { JsonObject } from "../../../core/json.ts";
import type { ImportNote } from "../../report/import-report.ts";
import type { Description, SecurityUse } from "../description.ts";
import { type ChosenGrant, chooseGrant } from "./choose-grant.ts";
import { expiringNote, grantNotes } from "./token-notes.ts";
import { readScheme, type Scheme } from "./read-scheme.ts";
import { SecretNames } from "./secret-names.ts";

/** A secret that the document names. */
export interface NeededSecret {
  readonly name: string;
  /** What it is, in one sentence. */
  readonly usedFor: string;
}

/** What credentials add to a request; each member only where there is something. */
export interface CredentialParts {
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly cookies?: Readonly<Record<string, string>>;
}

export interface CompiledSecurity {
  /**
   * For `headers` and `query` of the upstream, what every operation that needs credentials shares; and `oauth`, which
   * stands nowhere else.
   */
  readonly upstream: Omit<CredentialParts, "cookies"> & { readonly oauth?: JsonObject };
  /** What the request of one operation adds to that; give it the `security` of its outcome. */
  readonly requestOf: (uses: readonly SecurityUse[]) => CredentialParts;
  readonly secrets: readonly NeededSecret[];
  readonly notes: readonly ImportNote[];
}

export interface SecurityChoices {
  /** Begins the names of secrets: what the service is called. */
  readonly prefix?: string;
  /** Of the upstream: relative token URLs are relative to it. */
  readonly baseUrl?: string;
}

/**
 * Turns the security schemes of chosen operations into headers, query parameters and cookies with `${secrets.NAME}`.
 * Operations that need no credentials are sent those of the upstream as well: it is the same service.
 *
 * @param used `security` of the outcome of each operation
 */
export function compileSecurity(
  description: Description,
  used: readonly (readonly SecurityUse[])[],
  { prefix = "", baseUrl }: SecurityChoices = {},
): CompiledSecurity {
  const names = [...new Set(used.flatMap((uses) => uses.map(({ scheme }) => scheme)))].toSorted();
  const schemes = new Map(names.map((name) => [name, readScheme(name, description)]));
  const needing = used.filter((uses) => uses.length > 0);
  const shared = names.filter((name) => needing.every((uses) => uses.some(({ scheme }) => scheme === name)));
  const grant = chooseGrant({ schemes, used, shared, baseUrl });
  const secretNames = new SecretNames(prefix);
  const secrets: NeededSecret[] = [];
  const notes: ImportNote[] = [];
  const parts = new Map<string, CredentialParts>();
  let oauth: JsonObject | undefined;
  for (const [name, scheme] of schemes) {
    const isOnly = [...schemes.values()].filter(({ kind }) => kind === scheme.kind).length === 1;
    const secretName: NameSecret = (part) => secretNames.name(name, scheme.kind, isOnly, part);
    const credential =
      name === grant?.scheme ? compileGrant(grant, secretName) : compileScheme(name, scheme, secretName);
    parts.set(name, credential.parts);
    secrets.push(...credential.secrets);
    notes.push(...(credential.notes ?? []));
    oauth ??= credential.oauth;
  }
  const { cookies: _, ...upstream } = joined(shared.map((name) => parts.get(name) ?? {}));
  return {
    upstream: { ...upstream, ...(oauth === undefined ? {} : { oauth }) },
    requestOf: (uses) =>
      joined(
        uses.map(({ scheme }) => {
          const { cookies, ...rest } = parts.get(scheme) ?? {};
          // An upstream has no cookies: they stand in each request.
          return { ...(shared.includes(scheme) ? {} : rest), ...(cookies === undefined ? {} : { cookies }) };
        }),
      ),
    secrets,
    notes,
  };
}

interface Credential {
  readonly parts: CredentialParts;
  readonly secrets: readonly NeededSecret[];
  readonly notes?: readonly ImportNote[];
  readonly oauth?: JsonObject;
}

type NameSecret = (part?: string) => string;

/** Tokens that the upstream gets itself. */
function compileGrant({ scheme, tokenUrl, scopes }: ChosenGrant, secretName: NameSecret): Credential {
  const [id, secret] = [secretName("CLIENT_ID"), secretName("CLIENT_SECRET")];
  return {
    parts: {},
    secrets: [
      { name: id, usedFor: `The identifier of the client that gets tokens from ${tokenUrl}.` },
      { name: secret, usedFor: `The secret of the client that gets tokens from ${tokenUrl}.` },
    ],
    notes: grantNotes(scheme, tokenUrl),
    oauth: {
      tokenUrl,
      clientId: `\${secrets.${id}}`,
      clientSecret: `\${secrets.${secret}}`,
      ...(scopes.length === 0 ? {} : { scopes }),
    },
  };
}

function compileScheme(scheme: string, read: Scheme, secretName: NameSecret): Credential {
  switch (read.kind) {
    case "key": {
      const name = secretName();
      const value = `\${secrets.${name}}`;
      const secret = { name, usedFor: `The API key that is sent in the ${placeWords[read.place]} ${read.name}.` };
      return { parts: { [placeKeys[read.place]]: { [read.name]: value } }, secrets: [secret] };
    }
    case "basic": {
      const [user, password] = [secretName("USERNAME"), secretName("PASSWORD")];
      const pair = `base64Encode(secrets.${user} + ":" + secrets.${password})`;
      return {
        parts: { headers: { authorization: `Basic \${${pair}}` } },
        secrets: [
          { name: user, usedFor: "The user name (HTTP basic authentication)." },
          { name: password, usedFor: "The password (HTTP basic authentication)." },
        ],
      };
    }
    case "bearer": {
      const name = secretName();
      const secret = { name, usedFor: "The token that is sent as `Authorization: Bearer`." };
      const parts = { headers: { authorization: `Bearer \${secrets.${name}}` } };
      return { parts, secrets: [secret], notes: read.expires ? [expiringNote(scheme, name, read)] : [] };
    }
    case "certificate": {
      const message = `The security scheme \`${scheme}\` is a client certificate: give the upstream \`tls.cert\` and \`tls.key\`.`;
      return { parts: {}, secrets: [], notes: [{ code: "client-certificate", message }] };
    }
    case "undescribed":
    case "unsupported":
      return { parts: {}, secrets: [], notes: [{ code: "security-not-supported", message: read.fault }] };
  }
}

const placeKeys = { header: "headers", query: "query", cookie: "cookies" } as const;
const placeWords = { header: "header", query: "query parameter", cookie: "cookie" } as const;

function joined(parts: readonly CredentialParts[]): CredentialParts {
  const members = (["headers", "query", "cookies"] as const).flatMap((key) => {
    const entries = parts.flatMap((part) => Object.entries(part[key] ?? {}));
    return entries.length === 0 ? [] : [[key, Object.fromEntries(entries)] as const];
  });
  return Object.fromEntries(members);
}
