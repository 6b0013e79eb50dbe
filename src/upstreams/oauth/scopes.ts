/** All scopes of some lists (each separated by spaces) once, in the order in which they come; undefined for none. */
export function joinScopes(...lists: readonly (string | undefined)[]): string | undefined {
  const scopes = new Set(lists.flatMap(splitScopes));
  return scopes.size === 0 ? undefined : [...scopes].join(" ");
}

/** Whether `held` has every scope of `wanted`. */
export function coversScopes(held: string | undefined, wanted: string | undefined): boolean {
  const scopes = new Set(splitScopes(held));
  return splitScopes(wanted).every((scope) => scopes.has(scope));
}

function splitScopes(list: string | undefined): readonly string[] {
  return list === undefined ? [] : list.split(" ").filter((scope) => scope !== "");
}
