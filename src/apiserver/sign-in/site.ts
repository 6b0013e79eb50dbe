/** Where people reach the apiserver: what cookies, links and redirects are made from. */
export interface Site {
  /** URL without a slash at its end. Asked for when it is needed: a free port is known late. */
  publicUrl(): string;
}

export function isHttps(site: Site): boolean {
  return site.publicUrl().startsWith("https:");
}

/** A path of the site as a whole URL. */
export function urlOf(site: Site, path: string): string {
  return site.publicUrl() + path;
}
