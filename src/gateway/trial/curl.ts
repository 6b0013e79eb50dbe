import type { SeenBody } from "../../core/tool-runner.ts";

export interface CurlParts {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: SeenBody | undefined;
}

/** A request as a command line of a POSIX shell. What is masked in the parts has to be filled in by hand. */
export function curlOf({ method, url, headers, body }: CurlParts): string {
  const parts = ["curl", "--request", method, "--url", quote(url), "--globoff"];
  for (const [name, value] of headers) {
    // An empty value would remove the header instead of sending it empty (curl manual, --header).
    parts.push("--header", quote(value === "" ? `${name};` : `${name}: ${value}`));
  }
  if (body === undefined) return parts.join(" ");
  if (body.encoding === "utf8" && !body.isCut) return [...parts, "--data-raw", quote(body.text)].join(" ");
  return [...parts, "--data-binary", "@body"].join(" ");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
