import { readFileSync } from "node:fs";
import type { Hono } from "hono";
import { writeReply } from "../write-answer.ts";
import { pageTexts } from "./page-texts.ts";

/** Files of `browser/`; the build copies the folder beside the program. */
const pageFiles = ["pages.css", "api.js", "form.js", "home.js", "link.js", "sign-in.js"] as const;

/** Nothing but our own files runs or is loaded, and nobody else is talked to. */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

/**
 * The pages that people sign in by: `/sign-in`, those that one-time links lead to, and `/account`. They are light and
 * need nothing of the web UI. They say the same to everybody; their scripts ask the API who it is.
 *
 * @throws Error when the files of the pages are not beside the program
 */
export function addPages(app: Hono): void {
  for (const [path, render] of pageTexts) {
    const raw = render();
    const headers = { "content-type": "text/html; charset=utf-8", "content-security-policy": pagePolicy };
    app.get(path, (context) => writeReply(context, { status: 200, raw, headers }));
  }
  for (const name of pageFiles) {
    const raw = readFileSync(new URL(`./browser/${name}`, import.meta.url), "utf8");
    const headers = { "content-type": `${name.endsWith(".css") ? "text/css" : "text/javascript"}; charset=utf-8` };
    app.get(`/pages/${name}`, (context) => writeReply(context, { status: 200, raw, headers }));
  }
}
