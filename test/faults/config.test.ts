import fc from "fast-check";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { echoDocument, echoListener } from "../fixtures/echo-document.ts";
import { fault, times } from "../fixtures/fault.ts";
import { type LocalBackend, startBackend } from "../fixtures/local-backend.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { send } from "../fixtures/raw-http.ts";
import { type ServedFolder, serveDocuments } from "../fixtures/served-folder.ts";
import { withinMs } from "../fixtures/time-limit.ts";

let backend: LocalBackend;
let folder: ServedFolder;
let text: string;

beforeAll(async () => {
  backend = await startBackend(echoListener);
  text = JSON.stringify(
    echoDocument(backend.url, { name: "mutated", routes: [{ prefix: "/mutated", access: "public" }] }),
  );
  folder = await serveDocuments({ "calm.json": echoDocument(backend.url), "mutated.json": text });
});

afterAll(async () => {
  await folder.close();
  await backend.close();
});

interface DocumentState {
  readonly key: string;
  readonly state: string;
  readonly problems: readonly { readonly severity: string; readonly message: string; readonly line: number }[];
}

describe("documents that were damaged", () => {
  fault(
    "are served, or refused with their reasons; their neighbour serves on",
    { limit: "0 crashes, 0 lost, 0 without a reason", timeoutMs: 240_000 },
    async () => {
      const counts = { served: 0, refused: 0 };
      const runs = times(150, 10_000);
      await fc.assert(
        fc.asyncProperty(damage, async (harm) => {
          await folder.write("mutated.json", harm(text));
          await folder.gateway.reload();
          const { headers = {}, body } = modernRequest("tools/call", { params: { name: "echo" } });
          expect((await send(`${folder.url}/echo/mcp`, { headers, body })).text).toContain("content");
          for (const { key, state, problems } of folder.gateway.status()["documents"] as DocumentState[]) {
            if (!key.includes("mutated")) expect(state).toBe("served");
            else if (state === "served") counts.served += 1;
            else {
              counts.refused += 1;
              const errors = problems.filter(({ severity }) => severity === "error");
              expect(errors.length).toBeGreaterThan(0);
              for (const { message, line } of errors) {
                expect(message).toMatch(/\S/);
                expect(line).toBeGreaterThan(0);
              }
            }
          }
        }),
        { numRuns: runs },
      );
      expect(counts.refused).toBeGreaterThan(runs / 10);
      await folder.write("mutated.json", text);
      await folder.gateway.reload();
      const { headers = {}, body } = modernRequest("tools/list");
      expect((await send(`${folder.url}/mutated/mcp`, { headers, body })).status).toBe(200);
      return `0 of ${runs}; ${counts.refused} refused, ${counts.served} served`;
    },
  );

  fault(
    "do not take the gateway down by their size or depth",
    { limit: "0 lost, each <= 2 s", timeoutMs: 60_000 },
    async () => {
      const bombs: Readonly<Record<string, string>> = {
        aliases: `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefghi"
          .split("")
          .map(
            (name, i) =>
              `${name}: &${name} [${Array(9)
                .fill(`*${"abcdefghi"[i] ?? "a"}`)
                .join(",")}]`,
          )
          .join("\n")}\nname: bomb\n`,
        depth: `{"name": "bomb", "routes": ${"[".repeat(50_000)}${"]".repeat(50_000)}}`,
        cycle: "name: bomb\nroutes: &r [{ prefix: /bomb, access: public, streams: *r }]\n",
        self: "&a [*a]",
        keys: `{"name":"bomb","routes":[{"prefix":"/bomb"}],${Array.from({ length: 20_000 }, (_, i) => `"k${i}":1`).join(",")}}`,
        prototype: '{"__proto__":{"polluted":1},"name":"bomb","constructor":{"prototype":{"polluted":1}}}',
        binary: "\u0000\u0001\u0002",
        tag: "name: !!js/function 'function () { return 1 }'\n",
      };
      let slowestMs = 0;
      for (const [name, bomb] of Object.entries(bombs)) {
        const begunAt = performance.now();
        await folder.write("mutated.json", text);
        await folder.write("bomb.yaml", bomb);
        await folder.gateway.reload();
        slowestMs = Math.max(slowestMs, performance.now() - begunAt);
        const states = folder.gateway.status()["documents"] as DocumentState[];
        const bad = states.filter(({ key }) => key.includes("bomb"));
        expect(bad.length, name).toBeGreaterThan(0);
        for (const { state } of bad) expect(state, name).toBe("refused");
        expect(states.find(({ key }) => key.includes("calm"))?.state).toBe("served");
      }
      expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
      expect(slowestMs).toBeLessThan(withinMs(2_000));
      await folder.remove("bomb.yaml");
      await folder.gateway.reload();
      return `${Object.keys(bombs).length} refused, slowest ${Math.round(slowestMs)} ms`;
    },
  );
});

type Harm = (text: string) => string;

const place = fc.double({ min: 0, max: 1, noNaN: true });
const damage: fc.Arbitrary<Harm> = fc.oneof(
  // A value of another kind, somewhere.
  fc
    .tuple(
      place,
      fc.constantFrom<unknown>(null, 0, -1, 1e9, "", "${", "${secrets.NONE}", [], {}, [null], "x".repeat(10_000)),
    )
    .map(
      ([at, value]): Harm =>
        (text) => {
          let left = Math.floor(at * countValues(text));
          return JSON.stringify(JSON.parse(text, (_, old: unknown) => (left-- === 0 ? value : old)) ?? null);
        },
    ),
  // A key that is missing or misspelt.
  place.map(
    (at): Harm =>
      (text) => {
        const keys = [...text.matchAll(/"(\w+)":/g)];
        const key = keys[Math.floor(at * keys.length)];
        return key === undefined ? text : `${text.slice(0, key.index + 1)}x${text.slice(key.index + 1)}`;
      },
  ),
  // Bytes that were lost or came from elsewhere.
  fc.tuple(place, place, fc.constantFrom("", "\t", '"', "{", "]", ":", "&a", "*a", "---\n", "\u0000", "é")).map(
    ([at, size, other]): Harm =>
      (text) => {
        const from = Math.floor(at * text.length);
        return text.slice(0, from) + other + text.slice(from + Math.floor(size * 8));
      },
  ),
);

function countValues(text: string): number {
  let count = 0;
  JSON.parse(text, (_, value: unknown) => {
    count += 1;
    return value;
  });
  return count;
}
