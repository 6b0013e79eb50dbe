import { AppError } from "../../../core/errors.ts";

/** The upstream that answered, for messages. */
export interface Refusing {
  readonly label: string;
  readonly key: string;
}

/** The server answered, but not in the protocol that was spoken to it. */
export class ProtocolRefusal extends AppError {
  /** Of its answer; undefined where there is no HTTP. */
  readonly status: number | undefined;

  constructor(message: string, status: number | undefined) {
    super("upstream_failed", message);
    this.name = "ProtocolRefusal";
    this.status = status;
  }

  /** Whether it says something about the eras and transports that the server speaks. */
  get isEvidence(): boolean {
    return this.status === undefined || !saysNothing(this.status);
  }

  /** Whether a new connection would get the same answer: it is about who asks, or how much is asked. */
  get wouldComeAnew(): boolean {
    return this.status !== undefined && this.status >= 400 && this.status < 500 && saysNothing(this.status);
  }
}

/** Who asks, where else to ask, or how the server is doing just now: another protocol would get the same answer. */
function saysNothing(status: number): boolean {
  if (status >= 300 && status < 400) return true;
  return status === 401 || status === 403 || status === 408 || status === 425 || status === 429 || status >= 500;
}

/** Resolves when a server has answered, were it that it is asked too much. Rejects when it has not. */
export async function answered(reply: Promise<unknown>): Promise<void> {
  try {
    await reply;
  } catch (error) {
    if (!(error instanceof ProtocolRefusal && error.wouldComeAnew)) throw error;
  }
}

/** What an answer without a response to the request means: what, and where to mend it. */
export function refusedWithStatus(status: number, { label, key }: Refusing): ProtocolRefusal {
  return new ProtocolRefusal(`${label} ${meaning(status, key)}`, status);
}

function meaning(status: number, key: string): string {
  if (status === 401 || status === 403) {
    return `refused the gateway's credentials (HTTP ${status}). Check \`${key}.headers\` and \`${key}.oauth\`.`;
  }
  if (status >= 300 && status < 400) {
    return `answered with a redirect (HTTP ${status}), which is not followed. Set \`${key}.url\` to where it leads.`;
  }
  if (status === 404 || status === 405) {
    return `does not serve this at its address (HTTP ${status}). Check \`${key}.url\` and \`${key}.transport\`.`;
  }
  if (status >= 400) return `answered HTTP ${status}.`;
  return `ended its answer (HTTP ${status}) without a response to the request.`;
}
