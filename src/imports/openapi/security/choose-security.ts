import { isJsonObject } from "../../../core/json.ts";
import type { Description, Located, OperationSource, SecurityUse } from "../description.ts";
import type { OperationCompilation } from "../operation-compilation.ts";
import { RefusedOperation } from "../refused-operation.ts";
import { isList } from "../schema/keyword-groups.ts";
import { readScheme, type Scheme } from "./read-scheme.ts";

/**
 * The schemes that requests of an operation are sent with. Of several alternatives the one that the whole
 * description has by default is taken, else the one that suits a program best, else the one with the fewest schemes,
 * else the first.
 */
export function chooseSecurity(
  { operation }: OperationSource,
  compilation: OperationCompilation,
): readonly SecurityUse[] {
  const { description } = compilation;
  const general = description.child(description.root, "security");
  const own = description.child(operation, "security");
  const alternatives = alternativesOf(own ?? general);
  if (alternatives.length === 0) return [];
  const usual = own === undefined ? [] : alternativesOf(general).map(nameOf);
  const faults: string[] = [];
  const possible = alternatives.filter((uses) => {
    const found = uses
      .map(({ scheme }) => readScheme(scheme, description))
      .filter((scheme) => scheme.kind === "unsupported");
    faults.push(...found.map(({ fault }) => fault));
    return found.length === 0;
  });
  if (possible.length === 0) {
    throw new RefusedOperation("security-not-supported", [...new Set(faults)].join(" "), own ?? general);
  }
  const withCredentials = possible.filter((uses) => uses.length > 0);
  // An empty alternative makes credentials optional: sent where there are any, they only open more.
  const [first] = (withCredentials.length > 0 ? withCredentials : possible).toSorted((a, b) => {
    return (
      Number(usual.includes(nameOf(b))) - Number(usual.includes(nameOf(a))) ||
      burdenOf(a, description) - burdenOf(b, description) ||
      a.length - b.length
    );
  });
  return first ?? [];
}

/** How little an alternative suits a program that nobody signs in for. */
function burdenOf(uses: readonly SecurityUse[], description: Description): number {
  return Math.max(0, ...uses.map(({ scheme }) => burdenOfScheme(readScheme(scheme, description))));
}

function burdenOfScheme(scheme: Scheme): number {
  switch (scheme.kind) {
    case "basic":
      return 0;
    case "certificate":
      return 1;
    case "key":
      // What stands in a URL is logged on the way; a cookie is what a browser was given when somebody signed in.
      return { header: 0, query: 1, cookie: 3 }[scheme.place];
    case "bearer":
      // Somebody would have to bring a new token every time.
      return scheme.expires && scheme.tokenUrl === undefined ? 2 : 0;
    case "undescribed":
    case "unsupported":
      return 4;
  }
}

function nameOf(uses: readonly SecurityUse[]): string {
  return uses
    .map(({ scheme }) => scheme)
    .toSorted()
    .join(" ");
}

/** Each entry of `security` is an alternative; the schemes in it are used together. */
function alternativesOf(security: Located | undefined): readonly (readonly SecurityUse[])[] {
  if (security === undefined || !isList(security.value)) return [];
  return security.value.filter(isJsonObject).map((requirement) => {
    return Object.entries(requirement).map(([scheme, scopes]) => {
      return { scheme, scopes: isList(scopes) ? scopes.filter((scope) => typeof scope === "string") : [] };
    });
  });
}
