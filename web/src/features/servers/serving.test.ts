import { describe, expect, test } from "vitest";
import type { Gateway, ServerVersion } from "../../api/operations.generated.ts";
import { servingOf } from "./serving.ts";

const version: ServerVersion = {
  tenant: "default",
  name: "crm",
  version: 2,
  revision: 7,
  change: "save",
  hash: "",
  author: { id: "user:1", name: "Ada" },
  message: "",
  savedAt: 0,
  tags: [],
};

describe("what gateways serve of a server", () => {
  test("no gateway, or only dead ones, is nobody's fault", () => {
    expect(servingOf(version, [])).toStrictEqual({ kind: "none" });
    expect(servingOf(version, [gateway({ state: "dead" })])).toStrictEqual({ kind: "none" });
  });

  test("a gateway serves the version when it has the store's revision of then or a later one", () => {
    expect(servingOf(version, [gateway({ revision: 7 }), gateway({ revision: 9 })])).toStrictEqual({
      kind: "live",
      count: 2,
    });
    expect(servingOf(version, [gateway({ revision: 7 }), gateway({ revision: 6 })])).toMatchObject({
      live: 1,
      count: 2,
    });
    expect(servingOf(version, [gateway({ revision: 6 })])).toStrictEqual({ kind: "waiting" });
  });

  test("a refusal is told before anything else, the worse one first", () => {
    const kept = refusal("kept", "crm");
    const refused = refusal("refused", "crm");
    expect(servingOf(version, [gateway({ revision: 7 }), gateway({ refused: [kept] })])).toMatchObject({
      kind: "kept",
    });
    expect(servingOf(version, [gateway({ refused: [kept] }), gateway({ refused: [refused] })])).toMatchObject({
      kind: "refused",
    });
  });

  test("refusals of other servers, and of one of the same name in another tenant, are not this one's", () => {
    const others = [refusal("refused", "shop"), { ...refusal("refused", "crm"), tenant: "other" }];
    expect(servingOf(version, [gateway({ refused: others })])).toStrictEqual({ kind: "live", count: 1 });
  });
});

function refusal(state: "kept" | "refused", name: string): Gateway["refused"][number] {
  return { tenant: "default", name, state, problems: [] };
}

function gateway(parts: Partial<Gateway>): Gateway {
  return {
    id: "a",
    name: "a",
    version: "1",
    url: "http://a.example",
    state: "live",
    startedAt: 0,
    reportedAt: 0,
    revision: 7,
    servedAt: 0,
    isCurrent: true,
    behind: { documents: 0, ms: 0 },
    servers: 1,
    sessions: 0,
    refused: [],
    ...parts,
  };
}
