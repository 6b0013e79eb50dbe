import type { AuditEntry, AuditLog } from "../core/audit-log.ts";
import { isJsonObject } from "../core/json.ts";
import type { Call } from "./operation.ts";

/** What an operation did, for the audit log. */
export interface RecordedChange {
  /** Such as `server.save`. */
  readonly action: string;
  readonly target: AuditEntry["target"];
  /** Absent for what belongs to no tenant. */
  readonly tenant?: string | undefined;
  /** JSON values; members whose name says that they are secret are masked. */
  readonly before?: unknown;
  readonly after?: unknown;
  /** Who did it, where that is not the caller: somebody who signs in is none yet. */
  readonly actor?: AuditEntry["actor"] | undefined;
}

/** Writes one change of an operation to the audit log; resolves when it is durable. */
export async function recordChange(
  audit: AuditLog,
  call: Pick<Call<unknown, unknown, unknown>, "caller" | "ip" | "requestId">,
  change: RecordedChange,
  now: () => number = Date.now,
): Promise<void> {
  await audit.append({
    at: now(),
    tenant: change.tenant,
    actor: change.actor ?? actorOf(call.caller),
    action: change.action,
    target: change.target,
    before: maskSecrets(change.before),
    after: maskSecrets(change.after),
    ip: call.ip,
    requestId: call.requestId,
  });
}

function actorOf(caller: Call<unknown, unknown, unknown>["caller"]): AuditEntry["actor"] {
  if (caller === undefined) return { kind: "anonymous", id: "anonymous", name: "anonymous" };
  return { kind: caller.kind, id: caller.id, name: caller.name };
}

const mask = "•••";
const secretName =
  /pass(?:word|phrase)|secret|token|credential|authorization|cookie|private.?key|api.?key|hash$|sealed/i;

/** The value with everything masked whose name says that it is secret. */
export function maskSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskSecrets);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, isHidden(name, member) ? mask : maskSecrets(member)]),
  );
}

/** Facts about a secret, such as whether there is one or since when, are no secrets. */
function isHidden(name: string, member: unknown): boolean {
  return secretName.test(name) && typeof member !== "boolean" && member !== null && member !== undefined;
}
