import type { SecurityUse } from "../description.ts";
import type { Scheme } from "./read-scheme.ts";

/** The scheme whose tokens the upstream gets itself, by client credentials. */
export interface ChosenGrant {
  readonly scheme: string;
  readonly tokenUrl: string;
  /** What the operations need that were chosen. */
  readonly scopes: readonly string[];
}

export interface GrantSources {
  readonly schemes: ReadonlyMap<string, Scheme>;
  /** `security` of each operation. */
  readonly used: readonly (readonly SecurityUse[])[];
  /** Names of the schemes whose credentials stand at the upstream. */
  readonly shared: readonly string[];
  /** What relative token URLs are relative to; undefined where nobody knows. */
  readonly baseUrl: string | undefined;
}

/**
 * Of the schemes with the flow of client credentials the one that most operations use; an upstream has one.
 * `undefined` when there is none, or when another scheme writes the `authorization` of the upstream.
 */
export function chooseGrant({ schemes, used, shared, baseUrl }: GrantSources): ChosenGrant | undefined {
  const found = [...schemes].flatMap(([scheme, read]) => {
    const tokenUrl = read.kind === "bearer" ? usableTokenUrl(read.tokenUrl, baseUrl) : undefined;
    return tokenUrl === undefined ? [] : [{ scheme, tokenUrl, uses: usesOf(scheme, used) }];
  });
  const [first] = found.toSorted((a, b) => b.uses.length - a.uses.length);
  if (first === undefined) return undefined;
  const { scheme, tokenUrl, uses } = first;
  if (shared.some((name) => name !== scheme && writesAuthorization(schemes.get(name)))) return undefined;
  const scopes = new Set(uses.flatMap((use) => use.scopes.flatMap((text) => text.split(/\s+/))));
  return { scheme, tokenUrl, scopes: [...scopes].filter((name) => scopeName.test(name)).toSorted() };
}

/** RFC 6749, 3.3; and nothing of a description may be taken for an expression. */
const scopeName = /^(?!.*\$\{)[\x21\x23-\x5b\x5d-\x7e]{1,500}$/;
const longestUrl = 2_000;

/**
 * The address that a secret may be sent to; `undefined` for one that a gateway would refuse: not https: (but for this
 * machine and the API's own origin), with a user name, a password or a fragment.
 */
function usableTokenUrl(written: string | undefined, baseUrl: string | undefined): string | undefined {
  // A base URL with a slash at its end keeps its last segment.
  const base = baseUrl === undefined || !URL.canParse(baseUrl) ? undefined : new URL(`${baseUrl.replace(/\/$/, "")}/`);
  if (written === undefined || !URL.canParse(written, base?.href)) return undefined;
  const url = new URL(written, base);
  if (url.username !== "" || url.password !== "" || url.hash !== "") return undefined;
  const isPlainAllowed = url.origin === base?.origin || /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isPlainAllowed)) return undefined;
  return url.href.includes("${") || url.href.length > longestUrl ? undefined : url.href;
}

function usesOf(scheme: string, used: GrantSources["used"]): readonly SecurityUse[] {
  return used.flatMap((uses) => uses.filter((use) => use.scheme === scheme));
}

function writesAuthorization(scheme: Scheme | undefined): boolean {
  if (scheme?.kind === "key") return scheme.place === "header" && scheme.name.toLowerCase() === "authorization";
  return scheme?.kind === "basic" || scheme?.kind === "bearer";
}
