import { expect, test } from "vitest";
import type { ConfigStore } from "../../core/config-store.ts";
import { serversNaming } from "./servers-naming.ts";

const texts: Readonly<Record<string, string>> = {
  dotted: 'headers: { authorization: "Bearer ${secrets.TOKEN}" }',
  coping: "value: ${secrets.?TOKEN.orValue('')}",
  quoted: 'value: "${secrets[\\"TOKEN\\"]}"',
  apostrophes: "value: ${secrets['TOKEN']}",
  longer: "value: ${secrets.TOKEN_2}",
  other: "value: ${secrets.OTHER}",
  prose: "description: Ask for the TOKEN.",
};

/** Two to a page. */
const documents = {
  list: async ({ cursor = "0" }) => {
    const names = Object.keys(texts);
    const start = Number(cursor);
    const items = names.slice(start, start + 2).map((name) => ({ tenant: "default", name }));
    return start + 2 < names.length ? { items, nextCursor: String(start + 2) } : { items };
  },
  get: async ({ name }: { readonly name: string }) => ({ text: texts[name] }),
} as unknown as Pick<ConfigStore, "list" | "get">; // the parts of versions that are looked at

test("servers are found by what their expressions name, on every page, and not by longer names or prose", async () => {
  expect(await serversNaming(documents, "default", "TOKEN")).toEqual(["dotted", "coping", "quoted", "apostrophes"]);
  expect(await serversNaming(documents, "default", "T.KEN")).toEqual([]);
});
