import { readFileSync } from "node:fs";

/** The address that stands in the document for the shop. */
const placeholder = "http://127.0.0.1:5237";

/** The text of the demo server's document, with the address that its shop listens on. */
export function demoDocument(shopUrl: string): string {
  // Beside this file in the sources, beside the bundle in the built program.
  const text = readFileSync(new URL("./demo.yaml", import.meta.url), "utf8");
  return text.replaceAll(placeholder, shopUrl);
}
