import { expect, test } from "vitest";
import { everyTenant, type Role, roles } from "../core/role.ts";
import { coversRole, rolesOfKey } from "./key-roles.ts";
import { permissions, isAllowed } from "./permissions.ts";

const owners: readonly (readonly [string, Role])[][] = [
  [],
  ...roles.flatMap((role) => [[["t", role] as const], [[everyTenant, role] as const], [["other", role] as const]]),
  ...roles.flatMap((one) => roles.map((two) => [[everyTenant, one] as const, ["t", two] as const])),
];

test.each(["t", everyTenant])("a key in %s never allows what its role or its owner does not", (tenant) => {
  for (const owner of owners.map((entries) => new Map(entries))) {
    for (const role of roles) {
      const held = rolesOfKey(role, tenant, owner);
      for (const permission of permissions) {
        for (const place of ["t", "other"]) {
          if (!isAllowed(held, permission, place)) continue;
          expect(isAllowed(owner, permission, place), `${permission} in ${place}`).toBe(true);
          expect(isAllowed(new Map([[tenant, role]]), permission, place)).toBe(true);
        }
      }
    }
  }
});

test("a key of an owner who covers its role has it", () => {
  expect([...rolesOfKey("editor", "t", new Map([["t", "administrator"]]))]).toStrictEqual([["t", "editor"]]);
  expect([...rolesOfKey("operator", "t", new Map([["t", "editor"]]))]).toStrictEqual([["t", "viewer"]]);
  expect(rolesOfKey("viewer", "t", new Map([["other", "administrator"]])).size).toBe(0);
  expect(coversRole(new Map([["t", "administrator"]]), "operator", "t")).toBe(true);
  expect(coversRole(new Map([["t", "administrator"]]), "viewer", everyTenant)).toBe(false);
});
