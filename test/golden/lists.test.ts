import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningGateway } from "../../src/compose/gateway.ts";
import { openSession } from "../fixtures/legacy-session.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { send } from "../fixtures/raw-http.ts";
import { startOver } from "../fixtures/test-gateway.ts";

// What a document becomes for clients of each revision, byte for byte up to white space.
// UPDATE_GOLDEN=1 writes the files anew; look at the difference before you commit it.

const folder = new URL("lists/", import.meta.url);
const lists = ["tools/list", "prompts/list", "resources/list", "resources/templates/list"];
const isUpdate = process.env["UPDATE_GOLDEN"] === "1";

let gateway: RunningGateway;
let url: string;

beforeAll(async () => {
  gateway = await startOver([fileURLToPath(new URL("catalogue.yaml", folder))]);
  url = `${gateway.url}/catalogue/mcp`;
});

afterAll(() => gateway.close());

describe("the lists of a document", () => {
  it.each(["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])(
    "are those of the golden file for %s",
    async (revision) => {
      const session = await openSession(url, revision);
      const results: Record<string, unknown> = { initialize: resultOf(session.initialized) };
      for (const method of lists) {
        results[method] = resultOf((await session.post({ jsonrpc: "2.0", id: 1, method })).json());
      }
      await session.end();
      await compare(revision, results);
    },
  );

  it("are those of the golden file for 2026-07-28", async () => {
    const results: Record<string, unknown> = {};
    for (const method of ["server/discover", ...lists]) {
      results[method] = resultOf((await send(url, modernRequest(method))).json());
    }
    await compare("2026-07-28", results);
  });

  it("keep integers that no double holds, and the order of keys", async () => {
    const { text } = await send(url, modernRequest("tools/list"));
    expect(text).toContain('"maximum":9007199254740993');
    expect(text.indexOf('"zeta":{')).toBeLessThan(text.indexOf('"alpha":{'));
  });
});

function resultOf(answer: unknown): unknown {
  const { result } = answer as { result?: unknown }; // JSON-RPC; an error has none
  if (result === undefined) throw new Error(JSON.stringify(answer));
  return result;
}

async function compare(revision: string, results: unknown): Promise<void> {
  const file = new URL(`${revision}.json`, folder);
  const text = `${JSON.stringify(results, null, 2)}\n`;
  if (isUpdate) await writeFile(file, text);
  expect(text).toBe(await readFile(file, "utf8"));
}
