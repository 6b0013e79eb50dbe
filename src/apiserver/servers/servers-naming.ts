import type { ConfigStore } from "../../core/config-store.ts";

/** Documents that are read at once. */
const pageSize = 50;

/**
 * Names of a tenant's servers whose newest version names a secret in an expression, in their order. Reads every
 * document of the tenant: for what is done seldom.
 */
export async function serversNaming(
  documents: Pick<ConfigStore, "list" | "get">,
  tenant: string,
  secret: string,
): Promise<readonly string[]> {
  const reference = referenceTo(secret);
  const found: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await documents.list({ tenants: [tenant], limit: pageSize, cursor });
    const texts = await Promise.all(page.items.map(async (item) => (await documents.get(item))?.text ?? ""));
    page.items.forEach(({ name }, index) => {
      if (reference.test(texts[index] ?? "")) found.push(name);
    });
    cursor = page.nextCursor;
    if (cursor === undefined) return found;
  }
}

/** `secrets.NAME`, `secrets.?NAME` and `secrets["NAME"]`, with the quotes that YAML may escape. */
function referenceTo(secret: string): RegExp {
  const name = secret.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`\\bsecrets\\s*(?:\\.\\s*\\??\\s*${name}(?![\\w])|\\[\\s*\\??\\s*\\\\?["']${name}\\\\?["'])`);
}
