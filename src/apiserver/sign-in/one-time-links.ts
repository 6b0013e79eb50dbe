import { hashToken, newToken } from "../../access/token.ts";
import type { LinkPurpose } from "../../core/link-store.ts";
import type { PeopleParts } from "./people-parts.ts";
import { urlOf } from "./site.ts";

export interface MadeLink {
  readonly url: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

const hourMs = 3_600_000;
const lifetimeMs: Readonly<Record<LinkPurpose, number>> = {
  setup: 24 * hourMs,
  invite: 7 * 24 * hourMs,
  reset: 24 * hourMs,
};

/** Makes a link that works once; the token stands behind `#`, where no server and no log sees it. */
export async function makeLink(
  { links, site, now }: Pick<PeopleParts, "links" | "site" | "now">,
  link: { readonly purpose: LinkPurpose; readonly userId?: string; readonly createdBy: string },
): Promise<MadeLink> {
  const token = newToken();
  const createdAt = now();
  const expiresAt = createdAt + lifetimeMs[link.purpose];
  await links.create(hashToken(token), { ...link, createdAt, expiresAt });
  return { url: urlOf(site, `/${link.purpose}#${token}`), expiresAt };
}
