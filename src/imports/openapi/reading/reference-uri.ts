/** A reference, taken apart: the document without fragment, and the fragment as it is meant. */
export interface ReferenceTarget {
  readonly document: string;
  /** A JSON pointer (empty, or beginning with `/`) or the name of an anchor. */
  readonly fragment: string;
}

/** Resolves a reference against the address of what it stands in. `undefined` when it is no address. */
export function resolveReference(reference: string, base: string): ReferenceTarget | undefined {
  const hash = reference.indexOf("#");
  const address = hash === -1 ? reference : reference.slice(0, hash);
  const fragment = hash === -1 ? "" : decodeFragment(reference.slice(hash + 1));
  if (address === "") return { document: base, fragment };
  try {
    const url = new URL(address, base);
    url.hash = "";
    return { document: url.href, fragment };
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Percent-encoding is undone where it is one; a stray `%` means itself, as authors write it. */
function decodeFragment(fragment: string): string {
  if (!fragment.includes("%")) return fragment;
  try {
    return decodeURIComponent(fragment);
  } catch (error) {
    if (error instanceof URIError) return fragment;
    throw error;
  }
}
