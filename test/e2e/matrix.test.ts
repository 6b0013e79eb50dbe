import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Peer } from "../fixtures/peer.ts";
import { peerKinds } from "../fixtures/sdk-peers.ts";
import { matrixChecks, matrixUser } from "../fixtures/upstreams/matrix-checks.ts";
import {
  type MatrixFeature,
  matrixFeatures,
  type MatrixOutcome,
  outcomeOf,
  renderMatrix,
} from "../fixtures/upstreams/matrix-outcomes.ts";
import { type MatrixSite, matrixUpstreams, openMatrixSite } from "../fixtures/upstreams/matrix-site.ts";

// UPDATE_GOLDEN=1 writes the tables of docs/compatibility.md anew; look at the difference before you commit it.
const isUpdate = process.env["UPDATE_GOLDEN"] === "1";
const page = new URL("../../docs/compatibility.md", import.meta.url);

let site: MatrixSite;

beforeAll(async () => {
  site = await openMatrixSite();
});

afterAll(() => site?.close()); // absent when it could not be opened

describe.each(matrixUpstreams)("a server of $revision over $transport", (upstream) => {
  describe.each(peerKinds)("and $name over $transport ($revision)", (client) => {
    let peer: Peer;

    beforeAll(async () => {
      peer = await client.connect(site.prefixOf(upstream), matrixUser);
    });

    afterAll(() => peer?.close()); // absent when it could not connect

    const featuresThat = (outcome: MatrixOutcome): readonly MatrixFeature[] =>
      matrixFeatures.filter((feature) => outcomeOf(feature, client.revision, upstream.revision) === outcome);

    it.each(featuresThat("works"))("%s", async (feature) => {
      await matrixChecks[feature](peer, client);
    });

    it.each(featuresThat("client lacks it"))("%s: the tool fails, and its result says why", async () => {
      const result = await peer.callTool("ask");
      expect(result).toMatchObject({ isError: true });
      expect(JSON.stringify(result)).toMatch(/elicitation/i);
    });
  });

  it("was spoken to in its own revision", () => {
    const { transport, revision } = upstream;
    expect(site.statusOf(upstream)).toMatchObject({ transport, protocolVersion: revision });
  });
});

it("is what docs/compatibility.md shows", async () => {
  const text = await readFile(page, "utf8");
  const [before, rest] = text.split("<!-- matrix -->\n");
  const after = rest?.split("<!-- /matrix -->")[1];
  const expected = `${before}<!-- matrix -->\n${renderMatrix()}\n<!-- /matrix -->${after}`;
  if (isUpdate) await writeFile(page, expected);
  else expect(text).toBe(expected);
});
