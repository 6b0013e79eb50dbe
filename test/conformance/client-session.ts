import { serveDocuments } from "../fixtures/served-folder.ts";
import { driveClient } from "./client-driver.ts";
import type { ClientTask } from "./client-task.ts";
import { documentOAuth, documentSecrets, userTokens } from "./client-tokens.ts";

/** What became of a scenario. */
export interface ClientOutcome {
  /** What the client saw; undefined when everything went well. */
  readonly failure: string | undefined;
  /** The gateway's status of its upstreams. */
  readonly upstreams: readonly { readonly state: string }[];
}

/** Starts a gateway whose only upstream is the suite's server, and uses it. */
export async function runClientSession(task: ClientTask): Promise<ClientOutcome> {
  const oauth = documentOAuth(task);
  const document = {
    name: "conformance",
    routes: [{ prefix: "/conformance", access: "public" }],
    upstreams: {
      server: {
        kind: "mcp",
        url: task.url,
        sharing: "shared",
        egress: { allow: ["127.0.0.1", "::1"] },
        ...(oauth === undefined ? {} : { oauth }),
      },
    },
    expose: [{ upstream: "server" }],
  };
  const served = await serveDocuments(
    { "conformance.yaml": document },
    { environment: documentSecrets(task), ...(oauth === undefined ? { openTokens: userTokens(task) } : {}) },
  );
  try {
    const failure = await driveClient(new URL(`${served.url}/conformance/mcp`), task).then(
      () => undefined,
      (error: unknown) => String(error),
    );
    // The gateway's own status.
    return { failure, upstreams: served.gateway.status()["upstreams"] as ClientOutcome["upstreams"] };
  } finally {
    await served.close();
  }
}
