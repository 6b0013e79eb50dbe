import type { AuthorizationAgent } from "../../src/upstreams/mcp/oauth/authorization-agent.ts";
import type { Grant } from "../../src/upstreams/mcp/oauth/grant.ts";
import { openGrant, type OpenTokenSource } from "../../src/upstreams/mcp/oauth/open-token-source.ts";
import { send } from "../fixtures/raw-http.ts";
import type { ClientTask, ClientTaskContext } from "./client-task.ts";

/** The identifier that the suite expects where clients are known by their metadata. */
const clientMetadataUrl = "https://conformance-test.local/client-metadata.json";

/** The suite's user: agrees to every page at once, because the page answers with the redirect. */
const headlessAgent: AuthorizationAgent = {
  redirectUrl: "http://localhost:3000/callback",
  authorize: async (page) => {
    const { status, headers } = await send(page.href);
    if (headers.location === undefined) throw new Error(`The authorization page answered ${status}.`);
    return new URL(headers.location).searchParams;
  },
};

/** The `oauth` of the document for scenarios of a grant that documents have; undefined for the others. */
export function documentOAuth({ scenario, context }: ClientTask): object | undefined {
  if (!scenario.startsWith("auth/client-credentials")) return undefined;
  return {
    grant: "client-credentials",
    clientId: context.client_id,
    ...(context.private_key_pem === undefined
      ? { clientSecret: "${secrets.CLIENT}" }
      : { privateKey: "${secrets.CLIENT}", algorithm: context.signing_algorithm }),
  };
}

/** What `${secrets.CLIENT}` is. */
export function documentSecrets({ context }: ClientTask): Readonly<Record<string, string>> {
  return { PASSERELLE_SECRET_CLIENT: context.private_key_pem ?? context.client_secret ?? "" };
}

/** Tokens of a user, for all other scenarios; nothing is asked before the server refuses a request. */
export function userTokens({ context }: ClientTask): OpenTokenSource {
  const grant: Grant = {
    kind: "authorization-code",
    agent: headlessAgent,
    client: registeredClient(context),
    clientMetadataUrl,
  };
  return (plan, secrets) => openGrant(grant, plan, secrets);
}

function registeredClient({ client_id: id, client_secret: secret }: ClientTaskContext): Grant["client"] {
  if (id === undefined) return undefined;
  return { id, proof: secret === undefined ? { kind: "none" } : { kind: "secret", secret } };
}
