import type { PeopleParts } from "./people-parts.ts";

const dayMs = 86_400_000;

/** Forgets sign-ins and links that are over, and failures that nobody counts any more. Call it now and then. */
export async function forgetExpired({
  signIns,
  links,
  throttles,
  now,
}: Pick<PeopleParts, "signIns" | "links" | "throttles" | "now">): Promise<number> {
  const at = now();
  return (await signIns.prune(at)) + (await links.prune(at)) + (await throttles.prune(at - dayMs));
}
