import { Validator } from "@seriousme/openapi-schema-validator";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testPassword } from "../fixtures/api-client.ts";
import { databaseKinds, type TestDatabase } from "../fixtures/databases.ts";
import { AnswerJudge, type Described, type Description, operationsOf } from "../fixtures/described-api.ts";
import { importedServer, knownDescription } from "../fixtures/known-imports.ts";
import { type LocalBackend, startBackend } from "../fixtures/local-backend.ts";
import { makeUpRequest, type Surroundings, type Whim } from "../fixtures/made-up-requests.ts";
import {
  administrator,
  type Sender,
  type SentAnswer,
  startWholeApiserver,
  type WholeApiserver,
} from "../fixtures/whole-apiserver.ts";

/** Made-up requests come from it alone: a failure tells it, and giving it again sends the same ones. */
const seed = Number(process.env["PASSERELLE_TEST_SEED"] ?? Date.now() % 1_000_000_007);
/** How often every operation is sent at most; fewer times when that takes long, unless it was asked for. */
const rounds = Number(process.env["PASSERELLE_TEST_ROUNDS"] ?? 100);
const fuzzingMs = process.env["PASSERELLE_TEST_ROUNDS"] === undefined ? 15_000 : Number.POSITIVE_INFINITY;
const limitMs = 300_000 + (Number.isFinite(fuzzingMs) ? 0 : rounds * 30_000);
/** As described: with optional parts and without, of things that are there and of others. */
const firstWhim: Whim = { seed: 0, isBroken: false, junk: [] };
const firstWhims: readonly Whim[] = [firstWhim, ...[2, 3, 5].map((one) => ({ ...firstWhim, seed: one }))];

/** Sent last, since nobody is signed in after it. */
const last = "signOut";

const [sqlite] = await databaseKinds();

describe("the description of the API", () => {
  let place: TestDatabase;
  let backend: LocalBackend;
  let apiserver: WholeApiserver;
  let description: Description;
  let judge: AnswerJudge;

  beforeAll(async () => {
    if (sqlite === undefined) throw new Error("SQLite is always there");
    place = await sqlite.create();
    backend = await startBackend((_request, response) => response.end('{"pong":true}'));
    apiserver = await startWholeApiserver(place.address);
    const { text } = await apiserver.send("nobody", { method: "GET", path: "/api/v1/openapi.json" });
    description = JSON.parse(text) as Description; // the first test looks whether it is one
    judge = new AnswerJudge(description);
  }, 60_000);

  afterAll(async () => {
    await apiserver.close();
    await backend.close();
    await place.drop();
  });

  test("is valid OpenAPI 3.1 that says its operations once", async () => {
    const verdict = await new Validator().validate(JSON.parse(JSON.stringify(description)));
    expect(verdict).toMatchObject({ valid: true });
    const ids = operationsOf(description).map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain("saveServer");
  });

  test("is a page without scripts that has every operation, its permission and every schema", async () => {
    const page = await apiserver.send("nobody", { method: "GET", path: "/api/docs" });
    expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(page.text).not.toMatch(/<script|\son\w+=|https?:\/\//);
    for (const { operation } of operationsOf(description)) {
      expect(page.text).toContain(`<article id="${operation.operationId}">`);
    }
    for (const [, target] of page.text.matchAll(/href="#([^"]+)"/g)) expect(page.text).toContain(`id="${target}"`);
    expect(page.text).toContain("<code>servers.write</code>");
  });

  test(
    "holds for every operation of the joined API, whatever it is sent",
    async () => {
      const succeeded = new Set<string>();
      const faults = new Map<string, string>();
      const whims = fc.record({
        seed: fc.nat(),
        isBroken: fc.boolean(),
        junk: fc.array(fc.jsonValue(), { maxLength: 3 }),
      });
      const all = [...firstWhims, ...fc.sample(whims, { seed, numRuns: rounds })].slice(0, rounds);
      const described = operationsOf(description);
      const isLast = ({ operation }: Described): boolean => operation.operationId === last;
      const operations = described.filter((one) => !isLast(one));
      const sendFromAll = async (one: Described, whim: Whim, there: Surroundings): Promise<void> => {
        const { operationId } = one.operation;
        const { status, fault } = await sendMadeUp(one, senderOf(one, there.round), whim, there);
        if (fault !== undefined) faults.set(operationId, faults.get(operationId) ?? fault);
        else if (status < 400) succeeded.add(operationId);
      };
      const startedAt = Date.now();
      for (const [round, whim] of all.entries()) {
        if (round >= firstWhims.length && Date.now() - startedAt > fuzzingMs) break;
        const there = await prepare(round);
        for (const one of operations) await sendFromAll(one, whim, there);
      }
      const there = await prepare(2 * rounds);
      for (const one of described.filter(isLast)) await sendFromAll(one, firstWhim, there);
      expect([...faults.values()].join("\n\n")).toBe("");
      // Of nearly all operations more than refusals was seen.
      const refused = described.map(({ operation }) => operation.operationId).filter((id) => !succeeded.has(id));
      expect(refused.filter((id) => !mayBeRefused.has(id))).toStrictEqual([]);
    },
    limitMs,
  );

  interface Outcome {
    readonly status: number;
    /** What is wrong and how to see it again; undefined when it is as described. */
    readonly fault: string | undefined;
  }

  async function sendMadeUp(described: Described, sender: Sender, whim: Whim, there: Surroundings): Promise<Outcome> {
    const { operation } = described;
    const request = await makeUpRequest(described, description, whim, there);
    const answer = await apiserver.send(sender, request, renewsSession.has(operation.operationId));
    const { status, text } = answer;
    const errors = apiserver.takeErrors().join("\n");
    const fault = judge.faultOf(operation, answer);
    if (fault === undefined) return { status, fault };
    const told = [
      `${operation.operationId} answers ${status} with ${fault}`,
      `request of ${sender}: ${JSON.stringify(request)}`,
      `answer: ${text.slice(0, 2_000)}`,
      `logged: ${errors}`,
      `again: PASSERELLE_TEST_SEED=${seed} PASSERELLE_TEST_ROUNDS=${there.round + 1}`,
    ];
    return { status, fault: told.join("\n") };
  }

  /** Puts back what a round before may have taken away. */
  async function prepare(round: number): Promise<Surroundings> {
    const guestEmail = `guest-${round}@shop.example`;
    const invited = await make("/users", { email: guestEmail, name: "Guest", roles: { default: "viewer" } });
    const key = await make("/tenants/default/keys", { name: "spare", use: { kind: "mcp" } });
    await make("/tenants", { id: "spare", title: "Spare" });
    const knownText = knownDocument(backend.port);
    await make("/tenants/default/servers", { text: knownText });
    await make("/tenants/default/imports/openapi/commit", { text: knownDescription(importedServer) });
    await make("/session", { email: administrator, password: testPassword }, "nobody");
    const conversation = await make("/tenants/default/conversations", { title: "known" });
    const spare = await make("/tenants/default/conversations", { title: "spare" });
    const conversationId: string = JSON.parse(conversation.text).id;
    const said = { role: "user", parts: [{ kind: "text", text: "hello" }] };
    const message = await make(`/tenants/default/conversations/${conversationId}/messages`, said);
    const known = await ask("/tenants/default/servers/known");
    const signIns: { items: { id: string; isCurrent: boolean }[] } = JSON.parse((await ask("/me/sign-ins")).text);
    return {
      round,
      guestEmail,
      user: JSON.parse(invited.text).user.id,
      linkToken: JSON.parse(invited.text).link.url.split("#")[1],
      key: JSON.parse(key.text).info.id,
      signIn: signIns.items.find(({ isCurrent }) => !isCurrent)?.id ?? "none",
      conversation: conversationId,
      message: JSON.parse(message.text).id,
      spareConversation: JSON.parse(spare.text).id,
      etag: known.headers.get("etag") ?? '"0"',
      knownText,
    };
  }

  /** Makes what may be there already. */
  function make(path: string, body: object, sender: Sender = "session"): Promise<SentAnswer> {
    const headers = { "content-type": "application/json" };
    return apiserver.send(sender, { method: "POST", path: `/api/v1${path}`, headers, body: JSON.stringify(body) });
  }

  function ask(path: string): Promise<SentAnswer> {
    return apiserver.send("session", { method: "GET", path: `/api/v1${path}` });
  }
});

/** Operations after which the session has another cookie. */
const renewsSession: ReadonlySet<string> = new Set(["changePassword", "confirmTotp"]);

/** What made-up requests may never get done, and why. */
const mayBeRefused: ReadonlySet<string> = new Set([
  "setUp", // there is an administrator
  // need a code of the moment
  "confirmTotp",
  "removeTotp",
  "renewRecoveryCodes",
  "removeUserTotp",
  // who is made up is nobody, who is there is one already
  "signIn",
  "inviteUser",
  "addMember",
  // an operation before has taken it away
  "endMySignIn",
  "endUserSignIns",
  "resetUserPassword",
  // a save before has made their ETag old
  "putSettings",
  "restoreServer",
  "deleteServer",
  "reportGateway", // made-up times and counts are seldom whole
]);

/** Sessions and keys take turns. */
function senderOf({ operation: { security } }: Described, round: number): Sender {
  if (security.length === 0) return "nobody";
  if (security.some((way) => "gateway" in way)) return "gateway";
  return round % 2 === 0 ? "session" : "key";
}

function knownDocument(port: number): string {
  return `name: known
routes: [{ prefix: /known }]
upstreams:
  api: { kind: http, baseUrl: "http://127.0.0.1:${port}", egress: { allow: [127.0.0.1/32] } }
tools:
  - name: ping
    description: Answers.
    upstream: api
    input: { type: object }
    request: { method: GET, path: /ping }
`;
}
