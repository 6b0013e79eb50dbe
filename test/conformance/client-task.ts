/** What the suite tells a client that it starts (`conformance client --command`). */
export interface ClientTask {
  /** The server of the scenario. */
  readonly url: string;
  /** Port of the turnstile. */
  readonly turnstile: number;
  readonly scenario: string;
  readonly revision: string;
  readonly context: ClientTaskContext;
}

/** What the scenario gives to its client; most give nothing. */
export interface ClientTaskContext {
  readonly client_id?: string;
  readonly client_secret?: string;
  readonly issuer?: string;
  readonly private_key_pem?: string;
  readonly signing_algorithm?: string;
  readonly toolCalls?: readonly { readonly name: string; readonly arguments: Readonly<Record<string, unknown>> }[];
}

/** The older suite does not say which revision it means; it knows none after this one. */
const usualRevision = "2025-11-25";

/** Reads the task: port and URL are arguments, the rest is in variables. Throws when it is not complete. */
export function readClientTask(args: readonly string[], environment: NodeJS.ProcessEnv): ClientTask {
  const [turnstile, url] = args.slice(-2);
  const scenario = environment["MCP_CONFORMANCE_SCENARIO"];
  if (url === undefined || !URL.canParse(url) || scenario === undefined) {
    throw new Error("The suite starts this program: with a URL, and MCP_CONFORMANCE_SCENARIO set.");
  }
  const context: unknown = JSON.parse(environment["MCP_CONFORMANCE_CONTEXT"] ?? "{}");
  return {
    url,
    turnstile: Number(turnstile),
    scenario,
    revision: environment["MCP_CONFORMANCE_PROTOCOL_VERSION"] ?? usualRevision,
    context: context as ClientTaskContext, // of the suite's own making
  };
}
