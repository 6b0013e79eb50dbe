import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { everyTenant, roles } from "../core/role.ts";
import { isAllowed, permissions, permissionsIn, permissionTable } from "./permissions.ts";

test("the page about people has the table as it is", () => {
  const page = readFileSync(new URL("../../docs/people.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| `([a-z]+\.[a-z]+)` \| (the tenant|`\*`) \| (.*) \|$/gm)];
  const written = rows.map(([, name, scope, cells = ""]) => ({
    name,
    scope: scope === "`*`" ? "instance" : "tenant",
    roles: cells.split(" | ").flatMap((cell, index) => (cell === "yes" ? [roles[index]] : [])),
  }));
  const real = Object.entries(permissionTable).map(([name, entry]) => ({ name, ...entry }));
  expect(written).toStrictEqual(real);
  expect(page).toContain(`| permission | held in | ${roles.join(" | ")} |`);
});

test("a role holds in its tenant, and in * everywhere", () => {
  for (const permission of permissions) {
    const entry = permissionTable[permission];
    for (const role of roles) {
      const isListed = entry.roles.some((allowed) => allowed === role);
      expect(isAllowed(new Map([[everyTenant, role]]), permission, "t")).toBe(isListed);
      expect(isAllowed(new Map([["t", role]]), permission, "t")).toBe(isListed && entry.scope === "tenant");
      expect(isAllowed(new Map([["other", role]]), permission, "t")).toBe(false);
    }
  }
  expect(permissionsIn(new Map(), "t")).toStrictEqual([]);
});
