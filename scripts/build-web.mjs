// Builds the web UI into FOLDER/web, with each file compressed beside itself. What was built of the same sources before
// is copied from a cache: tests bundle the program for every run, and the UI changes seldom.
import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

/** What is worth compressing. */
const compressible = /\.(?:js|css|html|svg)$/;

/**
 * @param {string} root of the checkout
 * @param {string} folder that the program is bundled into
 */
export async function buildWeb(root, folder) {
  const cache = join(root, "node_modules/.cache/passerelle-web");
  const built = join(cache, await hashOf(root));
  const target = join(folder, "web");
  if (!(await tryCopy(built, target))) {
    await rm(cache, { recursive: true, force: true });
    const draft = `${built}.${process.pid}`;
    await bundle(join(root, "web"), draft);
    await compressAll(draft);
    // Another build of the same sources may have been faster; its result is the same.
    await rename(draft, built).catch(() => rm(draft, { recursive: true, force: true }));
    await tryCopy(built, target);
  }
}

/** Of everything that the result depends on. */
async function hashOf(root) {
  const sources = (await filesBelow(join(root, "web"))).filter(
    (file) => !file.includes("node_modules") && !file.endsWith(".test.ts"),
  );
  const hash = createHash("sha256");
  for (const file of [...sources.sort(), join(root, "package-lock.json"), join(root, "scripts/build-web.mjs")]) {
    hash.update(`\0${file.slice(root.length)}\0`).update(await readFile(file));
  }
  return hash.digest("hex").slice(0, 24);
}

async function tryCopy(from, to) {
  try {
    await cp(from, to, { recursive: true });
    return true;
  } catch {
    // Nobody has built these sources here yet.
    return false;
  }
}

async function bundle(root, outDir) {
  // Tests set it to something else, and React then builds in what only its developers need.
  process.env.NODE_ENV = "production";
  const { build } = await import("vite");
  await build({ root, logLevel: "warn", build: { outDir, emptyOutDir: true } });
}

async function compressAll(folder) {
  const files = (await filesBelow(folder)).filter((file) => compressible.test(file));
  await Promise.all(files.map(compress));
}

async function compress(file) {
  const bytes = await readFile(file);
  const [zipped, brotli] = await Promise.all([
    promisify(gzip)(bytes, { level: 9 }),
    promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }),
  ]);
  await Promise.all([writeFile(`${file}.gz`, zipped), writeFile(`${file}.br`, brotli)]);
}

async function filesBelow(folder) {
  await mkdir(folder, { recursive: true });
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
