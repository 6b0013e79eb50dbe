import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import { parseJson } from "../../src/core/lossless-json.ts";
import { readRequest, startWire, type WireBackend } from "../fixtures/local-backend.ts";
import { asResult, callContext, compileTool, onlyText, openUpstream } from "../fixtures/upstream-fixture.ts";
import { requestCases } from "./http-request-cases.ts";

/** `UPDATE_GOLDEN=1 npx vitest run test/golden/http-request.test.ts` writes the files anew. */
const isUpdating = process.env["UPDATE_GOLDEN"] === "1";

let backend: WireBackend;
let received: string[] = [];

beforeAll(async () => {
  backend = await startWire((socket) => {
    void readRequest(socket).then((text) => {
      received.push(text);
      socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
    });
  });
});

afterAll(() => backend.close());

for (const { title, file, upstream = {}, tool, args, refused } of requestCases) {
  test(title, async () => {
    received = [];
    const { basePath = "", clientHeaders = {}, ...config } = upstream;
    const api = openUpstream(
      { baseUrl: `${backend.url}${basePath}`, retry: { attempts: 0 }, ...config },
      { values: { TOKEN: "s3cret" }, boundary: () => "boundary-of-this-test" },
    );
    // Arguments stand as JSON text, as clients send them, so that large integers and __proto__ stay what they are.
    const values = parseJson(args) as JsonObject;
    const outcome = await api.callTool(compileTool(tool), callContext(values, { headers: clientHeaders }));
    await api.close();
    if (refused !== undefined) {
      expect(onlyText(outcome)).toMatch(refused);
      expect(asResult(outcome).isError).toBe(true);
      expect(received).toEqual([]);
      return;
    }
    expect(asResult(outcome)).toMatchObject({ isError: false });
    const bytes = received.join("").replace(`host: 127.0.0.1:${backend.port}`, "host: 127.0.0.1:PORT");
    const path = fileURLToPath(new URL(`http-request/${file}.txt`, import.meta.url));
    if (isUpdating) await writeFile(path, bytes, "latin1");
    expect(bytes).toBe(await readFile(path, "latin1"));
  });
}
