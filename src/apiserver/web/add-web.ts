import type { Context, Hono } from "hono";
import type { Caller } from "../../access/caller.ts";
import { AppError } from "../../core/errors.ts";
import { writeReply } from "../write-answer.ts";
import { WebFiles } from "./web-files.ts";

/** Nothing but our own files runs, styles or is loaded, and nobody else is talked to. */
const webPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

/** Names of these files hold a hash of what is in them: they never change. */
const hashedFolder = "assets/";
/** Where the API and the pages to sign in by are: what is not there is told by them. */
const otherRooms = /^\/(?:api|pages|assets)(?:\/|$)/;

/**
 * The web UI: `/`, its files, and a page for every other address that a person opens in a browser. Call it last, since
 * whatever has an address already keeps it. Who is not signed in is led to the page to sign in by, and back afterwards.
 *
 * @param authenticate answers who sends a request, as the API asks it
 */
export function addWeb(app: Hono, authenticate: (request: Request) => Promise<Caller | undefined>): void {
  const files = WebFiles.find();
  app.get("*", async (context, next) => {
    const { path } = context.req;
    const name = path.slice(1);
    if (files === undefined) return path === "/" ? leadTo(context, "/account") : next();
    if (files.has(name) && name !== "index.html") return sendFile(context, files, name);
    if (otherRooms.test(path) || !wantsPage(context)) return next();
    if (!(await isSignedIn(context, authenticate))) return leadTo(context, signInAddress(context));
    return sendFile(context, files, "index.html");
  });
}

async function sendFile(context: Context, files: WebFiles, name: string): Promise<Response> {
  const file = await files.read(name, context.req.header("accept-encoding") ?? "");
  if (file === undefined) throw new AppError("not_found", "There is nothing at this address.");
  const { bytes, contentType, encoding, etag } = file;
  const isPage = name === "index.html";
  const headers = {
    "content-type": contentType,
    "cache-control": isPage ? "no-store" : cachingOf(name),
    vary: "accept-encoding",
    ...(isPage ? { "content-security-policy": webPolicy } : { etag }),
    ...(encoding === undefined ? {} : { "content-encoding": encoding }),
  };
  if (!isPage && context.req.header("if-none-match") === etag) return writeReply(context, { status: 304, headers });
  return writeReply(context, { status: 200, raw: bytes, headers });
}

function cachingOf(name: string): string {
  return name.startsWith(hashedFolder) ? "public, max-age=31536000, immutable" : "no-cache";
}

/** Browsers say so when a person opens an address; programs that ask for anything do not. */
function wantsPage(context: Context): boolean {
  return /\btext\/html\b/.test(context.req.header("accept") ?? "") || context.req.path === "/";
}

async function isSignedIn(
  { req }: Context,
  authenticate: (request: Request) => Promise<Caller | undefined>,
): Promise<boolean> {
  try {
    return (await authenticate(req.raw)) !== undefined;
  } catch (error) {
    if (error instanceof AppError && error.code === "unauthorized") return false;
    throw error;
  }
}

/** With the way back, but for `/`, where one arrives anyway. */
function signInAddress({ req }: Context): string {
  const { pathname, search } = new URL(req.url);
  return pathname === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(pathname + search)}`;
}

function leadTo(context: Context, location: string): Response {
  return writeReply(context, { status: 303, headers: { location } });
}
