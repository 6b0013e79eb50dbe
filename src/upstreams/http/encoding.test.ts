import { gzipSync, brotliCompressSync, deflateSync, deflateRawSync } from "node:zlib";
import * as zlib from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { type LocalBackend, startBackend } from "../../../test/fixtures/local-backend.ts";
import { withinMs } from "../../../test/fixtures/time-limit.ts";
import { callContext, compileTool, onlyText, openUpstream } from "../../../test/fixtures/upstream-fixture.ts";
import type { HttpUpstream } from "./http-upstream.ts";

let backend: LocalBackend | undefined;
let api: HttpUpstream | undefined;

afterEach(async () => {
  await api?.close(100);
  await backend?.close();
});

async function callPacked(
  coding: string,
  body: Buffer,
  upstream: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  await api?.close(100);
  await backend?.close();
  backend = await startBackend((_request, response) => {
    response.writeHead(200, { "content-type": "text/plain", "content-encoding": coding });
    // In pieces, so that the decoder sees borders everywhere.
    for (let at = 0; at < body.length; at += 1_000) response.write(body.subarray(at, at + 1_000));
    response.end();
  });
  api = openUpstream({ baseUrl: backend.url, retry: { attempts: 0 }, ...upstream });
  return onlyText(await api.callTool(compileTool({ request: { path: "/x" } }), callContext()));
}

const text = Array.from({ length: 20_000 }, (_unused, index) => `line ${index * 7919}`).join("\n");
const plain = Buffer.from(text);

describe("packed answers", () => {
  test("gzip, br and both kinds of deflate are unpacked", async () => {
    expect(await callPacked("gzip", gzipSync(plain))).toBe(text);
    expect(await callPacked("X-GZIP", gzipSync(plain))).toBe(text);
    expect(await callPacked("br", brotliCompressSync(plain))).toBe(text);
    expect(await callPacked("deflate", deflateSync(plain))).toBe(text);
    expect(await callPacked("deflate", deflateRawSync(plain))).toBe(text);
    expect(await callPacked("identity", plain)).toBe(text);
  });

  test("zstd is unpacked where Node can, and named where it cannot", async () => {
    const pack = (zlib as unknown as { zstdCompressSync?: (data: Buffer) => Buffer }).zstdCompressSync;
    if (pack === undefined) expect(await callPacked("zstd", plain)).toMatch(/zstd, which needs Node 22\.15/);
    else expect(await callPacked("zstd", pack(plain))).toBe(text);
  });

  test("unknown and nested codings are refused by name", async () => {
    expect(await callPacked("compress", plain)).toMatch(/packed with `compress`/);
    expect(await callPacked("gzip, gzip", gzipSync(gzipSync(plain)))).toMatch(/packed with `gzip, gzip`/);
  });

  test("damaged and cut data is an error", async () => {
    expect(await callPacked("gzip", plain)).toMatch(/not valid gzip data/);
    expect(await callPacked("gzip", gzipSync(plain).subarray(0, 5_000))).toMatch(/not valid gzip data, or it ends/);
  });

  test("a bomb is stopped at the ratio or at the size limit", async () => {
    const zeros = Buffer.alloc(50_000_000);
    expect(await callPacked("gzip", gzipSync(zeros), { maxResponseBytes: 1_000_000_000 })).toMatch(
      /100 times its size/,
    );
    expect(await callPacked("br", brotliCompressSync(zeros), { maxResponseBytes: 500_000 })).toMatch(
      /larger than 500000 bytes/,
    );
    expect(api?.status()).toMatchObject({ running: 0, waiting: 0 });
  });

  test("a bomb costs little time", async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000));
    const before = process.cpuUsage();
    await callPacked("gzip", bomb, { maxResponseBytes: 1_000_000_000 });
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(withinMs(500));
  });

  test("an empty answer may name a coding", async () => {
    expect(await callPacked("gzip", Buffer.alloc(0))).toBe("HTTP 200 OK, no content");
  });
});
