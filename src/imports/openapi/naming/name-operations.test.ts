import fc from "fast-check";
import { expect, test } from "vitest";
import { maxNameLength, nameOperations } from "./name-operations.ts";

const method = fc.constantFrom("GET", "POST", "DELETE");
const path = fc.oneof(
  fc.string({ unit: "grapheme" }).map((text) => `/${text}`),
  fc
    .array(fc.constantFrom("pets", "{id}", "日本", "a-b", "a_b", "A"), { maxLength: 8 })
    .map((parts) => `/${parts.join("/")}`),
);
const operationId = fc.oneof(
  fc.constantFrom("list", "List", "get pet", "get_pet", "x".repeat(80), `${"x".repeat(80)}y`, "", "…"),
  fc.string({ unit: "grapheme" }),
);
const operations = fc
  .array(fc.record({ method, path, operationId }, { requiredKeys: ["method", "path"] }), { maxLength: 30 })
  .map((some) => [...new Map(some.map((one) => [`${one.method} ${one.path}`, one])).values()]);

test("names are legal in every revision and differ, also in small letters", () => {
  fc.assert(
    fc.property(operations, (some) => {
      const names = nameOperations(some);
      for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
      expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(some.length);
    }),
  );
});

test("names do not depend on the order of the operations", () => {
  const shuffled = operations.chain((some) =>
    fc.tuple(fc.constant(some), fc.shuffledSubarray([...some.keys()], { minLength: some.length })),
  );
  fc.assert(
    fc.property(shuffled, ([some, order]) => {
      const names = nameOperations(some);
      const again = nameOperations(order.flatMap((index) => some[index] ?? []));
      expect(again).toEqual(order.map((index) => names[index]));
    }),
  );
});

test("an operation that collides with none keeps its name when others come", () => {
  const before = [{ method: "GET", path: "/pets", operationId: "listPets" }];
  const after = [
    ...before,
    { method: "GET", path: "/a", operationId: "list" },
    { method: "GET", path: "/b", operationId: "list" },
  ];
  expect(nameOperations(after)).toEqual([...nameOperations(before), "get_a", "get_b"]);
});

test.each([
  [{ method: "GET", path: "/pets/{id}" }, "get_pets_by_id"],
  [{ method: "GET", path: "/" }, "get"],
  [{ method: "GET", path: "/pets/{id}/photos.json" }, "get_pets_by_id_photos_json"],
  [{ method: "GET", path: "/a", operationId: "listPets" }, "listPets"],
  [{ method: "GET", path: "/a", operationId: "Crème brûlée: get!" }, "Creme_brulee_get"],
  [{ method: "GET", path: "/a", operationId: "listPets", wanted: "pets" }, "pets"],
  [{ method: "GET", path: "/a", operationId: "\u0000\u202e" }, "get_a"],
])("%o is called %s", (operation, expected) => {
  expect(nameOperations([operation])).toEqual([expected]);
});

test("a long name is cut at a word and told apart by a hash", () => {
  const long = (end: string): string => `get_${"thing_".repeat(15)}${end}`;
  const names = nameOperations([
    { method: "GET", path: "/a", operationId: long("one") },
    { method: "GET", path: "/b", operationId: long("two") },
  ]);
  for (const name of names) {
    expect(name.length).toBeLessThanOrEqual(maxNameLength);
    expect(name).toMatch(/^get_(thing_)+[0-9a-f]{8}$/);
  }
  expect(names[0]).not.toBe(names[1]);
});
