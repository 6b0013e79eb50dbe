import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AnyOperation } from "../../src/apiserver/operation.ts";
import { makeCallers, type TestCaller } from "../fixtures/authorization/callers.ts";
import { type OperationCase, operationCases, type Sent } from "../fixtures/authorization/requests.ts";
import { everyOperation, sendAs, type SentAnswer } from "../fixtures/authorization/send-as.ts";
import { gatewayToken, own, startWorld, type World } from "../fixtures/authorization/world.ts";

const limitMs = 240_000;
const all = ["administrator", "editor", "operator", "viewer"];

/** What the roles may do, written down once more: whoever changes the table of permissions changes this one too. */
const rolesByPermission: Readonly<Record<string, readonly string[]>> = {
  "servers.read": all,
  "servers.write": ["administrator", "editor"],
  "servers.delete": ["administrator", "editor"],
  "tools.run": ["administrator", "editor", "operator"],
  "upstreams.probe": ["administrator", "editor", "operator"],
  "chat.read": all,
  "chat.use": ["administrator", "editor", "operator"],
  "secrets.read": ["administrator", "editor", "operator"],
  "secrets.write": ["administrator", "editor"],
  "keys.read": ["administrator", "operator"],
  "keys.write": ["administrator"],
  "members.read": all,
  "members.write": ["administrator"],
  "audit.read": ["administrator", "operator"],
  "gateways.read": all,
  "gateways.reload": ["administrator", "operator"],
  "tenants.read": all,
  "tenants.write": ["administrator"],
  "users.read": ["administrator", "operator"],
  "users.write": ["administrator"],
  "settings.read": ["administrator", "operator"],
  "settings.write": ["administrator"],
};
/** What a role in a tenant does not give, also not for this tenant. */
const ofInstance = /^(?:gateways|tenants|users|settings)\./;

const operations = everyOperation();
const rows = operations.map((operation) => [operation.id, operation] as const);

test("every operation has a case, and the access that the case says", () => {
  expect(Object.keys(operationCases).toSorted()).toStrictEqual(operations.map(({ id }) => id).toSorted());
  for (const { id, access } of operations) {
    const needs = caseOf(id).needs.replace(/^person$/, "signed-in");
    expect(access.kind === "permission" ? access.permission : access.kind, id).toBe(needs);
    expect(access.kind === "permission" ? Object.keys(rolesByPermission) : [needs], id).toContain(needs);
  }
});

describe("on a control plane with every kind of caller", () => {
  let world: World;
  let callers: readonly TestCaller[];
  const identities = new Map<TestCaller, Readonly<Record<string, string>>>();
  const known = async (caller: TestCaller): Promise<Readonly<Record<string, string>>> => {
    const identity = identities.get(caller) ?? (await caller.identify());
    identities.set(caller, identity);
    return identity;
  };

  beforeAll(async () => {
    world = await startWorld(gatewayToken);
    callers = await makeCallers(world);
    // Everybody is signed in and was seen before anything is compared.
    const me = { method: "get", path: "/me" } as const;
    for (const caller of callers) await sendAs(world.url, me, {}, await known(caller));
  }, limitMs);

  afterAll(() => world.close());

  test("the table has every operation that is served", async () => {
    const { text } = await sendAs(world.url, { method: "get", path: "/openapi.json" }, {}, {});
    const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, { operationId: string }>> }; // as described
    const served = Object.values(paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(served.toSorted()).toStrictEqual(Object.keys(operationCases).toSorted());
  });

  // First all refusals, while everything is there that they must not touch.
  test.each(rows)(
    "%s refuses whoever may not, tells them nothing and changes nothing",
    async (id, operation) => {
      const sent = await makeRequest(world, caseOf(id));
      const before = await world.dump();
      let mark = world.mark();
      for (const caller of callers) {
        const expected = refusalFor(caller, operation, caseOf(id));
        if (expected === undefined) continue;
        const answer = await sendAs(world.url, operation, sent, await known(caller));
        const label = `${id} as ${caller.name}`;
        expect(answer.status, `${label}: ${answer.text}`).toBe(expected);
        expectBareProblem(answer, label);
        // Something was written: when a sign-in or key was used may be, and that somebody guessed wrong.
        if (world.mark() !== mark) expect(await world.dump(), `${label} left traces`).toBe(before);
        mark = world.mark();
      }
    },
    limitMs,
  );

  test.each(rows)(
    "%s lets everybody through who may",
    async (id, operation) => {
      const admitted = callers.filter((caller) => refusalFor(caller, operation, caseOf(id)) === undefined);
      expect(admitted, "somebody must be able to use it").not.toHaveLength(0);
      for (const caller of admitted) {
        // These end sign-ins, or give them another token.
        if (caseOf(id).needs === "person") identities.delete(caller);
        const identity = await known(caller);
        const sent = await makeRequest(world, caseOf(id));
        const answer = await sendAs(world.url, operation, sent, identity);
        expect(answer.status, `${id} as ${caller.name}: ${answer.text}`).toBe(caseOf(id).answers);
        if (caseOf(id).needs === "person") identities.delete(caller);
      }
    },
    limitMs,
  );
});

/** The status of the refusal; undefined for whoever is let through. */
function refusalFor(
  caller: TestCaller,
  { path, method }: AnyOperation,
  { needs, isForOwnPages = false }: OperationCase,
): number | undefined {
  if (needs === "gateway") return caller.kind === "gateway" ? undefined : 401;
  if (caller.kind === "impostor" || caller.kind === "gateway") return 401;
  if (needs === "public") return isForOwnPages && caller.kind === "foreign" ? 403 : undefined;
  if (caller.kind === "nobody") return 401;
  if ((caller.kind === "tokenless" || caller.kind === "foreign") && method !== "get") return 403;
  if (needs === "signed-in") return undefined;
  if (needs === "person") return caller.kind === "key" ? 403 : undefined;
  const isOfTenant = path.includes("{tenant}") && !ofInstance.test(needs);
  const held = [caller.roles["*"], isOfTenant ? caller.roles[own.tenant] : undefined];
  return held.some((role) => role !== undefined && rolesByPermission[needs]?.includes(role)) ? undefined : 403;
}

function caseOf(id: string): OperationCase {
  const found = operationCases[id];
  if (found === undefined) throw new Error(`${id} has no case`);
  return found;
}

async function makeRequest(world: World, { make }: OperationCase): Promise<Sent> {
  return (await make?.(world)) ?? {};
}

/** A problem without anything of the tenant in it, and no cookie. */
function expectBareProblem({ status, headers, text }: SentAnswer, label: string): void {
  expect(headers.get("content-type"), label).toBe("application/problem+json");
  expect(headers.get("cache-control"), label).toBe("no-store");
  expect(headers.getSetCookie(), label).toStrictEqual([]);
  expect(headers.has("www-authenticate"), label).toBe(status === 401);
  expect(headers.has("etag"), label).toBe(false);
  const told = JSON.stringify([...headers]) + text;
  expect(told.toLowerCase(), label).not.toContain(own.word);
}
