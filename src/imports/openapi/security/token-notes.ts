import type { ImportNote } from "../../report/import-report.ts";
import { isInternal } from "../assembly/propose-base-url.ts";
import { printable } from "../text/printable.ts";
import type { Scheme } from "./read-scheme.ts";

/** What the operator has to know about an address that credentials are sent to. */
export function grantNotes(scheme: string, tokenUrl: string): ImportNote[] {
  const message = `The tokens of \`${scheme}\` come from ${tokenUrl}, which is what the description proposes; nobody has checked it, and the secret of the client is sent there. Compare it with what you know.`;
  const notes: ImportNote[] = [{ code: "token-url-proposed", message }];
  const { hostname } = new URL(tokenUrl);
  if (isInternal(hostname)) {
    const message = `The token URL names ${hostname}, an internal address: the egress guard refuses it until it is listed in upstreams.api.egress.allow. Do that only if you know it.`;
    notes.push({ code: "token-url-internal", message });
  }
  return notes;
}

/** A token that somebody has to get, and what could get it instead. */
export function expiringNote(scheme: string, secret: string, read: Extract<Scheme, { kind: "bearer" }>): ImportNote {
  const { tokenUrl, discoveryUrl } = read;
  const message = `\`${scheme}\` gives tokens that expire: set the secret ${secret} to a long-lived token, or set it anew when it has expired.`;
  return { code: "token-expires", message: `${message}${tokenWords(tokenUrl)}${discoveryWords(discoveryUrl)}` };
}

function tokenWords(tokenUrl: string | undefined): string {
  if (tokenUrl === undefined) return "";
  return ` The description names ${printable(tokenUrl)} for client credentials, which is not used: it is no https: URL, or the upstream has another authorization. An upstream gets tokens itself with \`oauth\`.`;
}

function discoveryWords(discoveryUrl: string | undefined): string {
  if (discoveryUrl === undefined) return "";
  return ` It is OpenID Connect: ${printable(discoveryUrl)} names its \`token_endpoint\`; where that knows client credentials, give the upstream \`oauth\` with it instead.`;
}
