import { type ResealReport, resealAll } from "../access/reseal-all.ts";
import type { AuditEntry } from "../core/audit-log.ts";
import type { SecretInfo } from "../core/secret-store.ts";
import { CommandFailure, exitCodes } from "./exit-codes.ts";
import { settle } from "./gateway-command.ts";
import { plural } from "./print-problems.ts";
import { type SecretCommandParts, withSecretParts } from "./secret-parts.ts";
import { readSecretValue, type SecretValueOptions } from "./read-secret-value.ts";
import { align, printable } from "./table.ts";
import { styler, type Terminal } from "./terminal.ts";

/** Of every command on secrets. */
export interface SecretsOptions {
  /** Settings, as the command line gave them. */
  readonly flags: Readonly<Record<string, unknown>>;
}

export interface SecretOptions extends SecretsOptions {
  readonly tenant: string;
  readonly name: string;
}

export interface SetSecretOptions extends SecretOptions, SecretValueOptions {
  readonly description?: string | undefined;
}

export interface ListSecretsOptions extends SecretsOptions {
  readonly tenant: string;
  readonly format: "text" | "json";
}

const actor: AuditEntry["actor"] = { kind: "program", id: "command-line", name: "command line" };
const masked = "•••";
const tenantPattern = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/;
const namePattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;

/** `passerelle secrets rotate`: seals everything with the first key. Answers the exit code. */
export async function runSecretsRotate({ flags }: SecretsOptions, terminal: Terminal): Promise<number> {
  const reports = await withSecretParts(settle(flags, terminal), rotate);
  terminal.write(
    `${plural(reports.secrets.resealed, "secret")} sealed anew, ${reports.secrets.current} had the key.\n`,
  );
  const { totp } = reports;
  terminal.write(`${plural(totp.resealed, "one-time password")} sealed anew, ${totp.current} had the key.\n`);
  const isDone = [reports.secrets, totp].map((report) => tellLeft(report, terminal)).every(Boolean);
  if (isDone) terminal.write("The other keys are not needed any more.\n");
  return isDone ? exitCodes.ok : exitCodes.problems;
}

interface RotationReports {
  readonly secrets: ResealReport;
  readonly totp: ResealReport;
}

async function rotate({ secrets, totp, cipher, audit }: SecretCommandParts): Promise<RotationReports> {
  if (cipher.sealingKeyId === undefined) {
    throw new CommandFailure(exitCodes.usage, "give the new key first, then the old ones, with --encryption-key");
  }
  const reports = { secrets: await resealAll(secrets, cipher), totp: await resealAll(totp, cipher) };
  await audit.append({
    at: Date.now(),
    actor,
    action: "secret.rotate",
    target: { kind: "encryption-key", id: cipher.sealingKeyId },
    after: { resealed: reports.secrets.resealed, totpResealed: reports.totp.resealed },
  });
  return reports;
}

/** Whether nothing is left that needs another key. */
function tellLeft({ unopened, isComplete }: ResealReport, terminal: Terminal): boolean {
  for (const { tenant, name, keyId } of unopened) {
    terminal.writeError(`${printable(`${tenant}/${name}`)}: no key opens it; it was sealed with ${printable(keyId)}\n`);
  }
  if (!isComplete) {
    terminal.writeError("Somebody keeps sealing with another key: give all processes the new one first, and repeat.\n");
  }
  return isComplete && unopened.length === 0;
}

/** `passerelle secrets set`: makes a secret or gives it a new value, which is no argument. Answers the exit code. */
export async function runSecretsSet(options: SetSecretOptions, terminal: Terminal): Promise<number> {
  requirePlace(options);
  const settings = settle(options.flags, terminal);
  const value = await readSecretValue(options, terminal);
  const { tenant, name, version } = await withSecretParts(settings, (parts) => putSecret(parts, options, value));
  terminal.write(`${tenant}/${name} is saved as version ${version}.\n`);
  return exitCodes.ok;
}

async function putSecret(parts: SecretCommandParts, options: SetSecretOptions, value: string): Promise<SecretInfo> {
  const place = { tenant: options.tenant, name: options.name };
  const before = await findSecret(parts, options);
  const after = await parts.secrets.put({
    ...place,
    ...parts.cipher.seal(place, value),
    description: options.description ?? before?.description ?? "",
    author: actor,
  });
  await audit(parts, options, { action: "secret.save", before, after });
  return after;
}

/** `passerelle secrets list`: names, versions and authors. Answers the exit code. */
export async function runSecretsList(options: ListSecretsOptions, terminal: Terminal): Promise<number> {
  const settings = settle(options.flags, terminal);
  const secrets = await withSecretParts(settings, (parts) => parts.secrets.list(options.tenant));
  if (options.format === "json") terminal.write(`${JSON.stringify({ secrets }, undefined, 2)}\n`);
  else if (secrets.length === 0) terminal.write("No secrets.\n");
  else {
    const [head = "", ...rows] = align([["NAME", "VERSION", "UPDATED AT", "BY"], ...secrets.map(columnsOf)]);
    terminal.write(`${[styler(terminal)("bold", head), ...rows].join("\n")}\n`);
  }
  return exitCodes.ok;
}

function columnsOf({ name, version, updatedAt, updatedBy }: SecretInfo): readonly string[] {
  return [name, String(version), new Date(updatedAt).toISOString(), updatedBy.name].map(printable);
}

/** `passerelle secrets delete`. Answers the exit code. */
export async function runSecretsDelete(options: SecretOptions, terminal: Terminal): Promise<number> {
  requirePlace(options);
  const settings = settle(options.flags, terminal);
  const isGone = await withSecretParts(settings, async (parts) => {
    const before = await findSecret(parts, options);
    const wasThere = await parts.secrets.delete(options.tenant, options.name);
    if (wasThere) await audit(parts, options, { action: "secret.delete", before });
    return wasThere;
  });
  if (!isGone)
    throw new CommandFailure(exitCodes.problems, `the tenant ${options.tenant} has no secret ${options.name}`);
  terminal.write(`${options.tenant}/${options.name} is deleted.\n`);
  return exitCodes.ok;
}

function requirePlace({ tenant, name }: SecretOptions): void {
  if (!tenantPattern.test(tenant)) throw new CommandFailure(exitCodes.usage, "the tenant is none that there can be");
  if (!namePattern.test(name)) {
    throw new CommandFailure(exitCodes.usage, "a secret is called by 1 to 64 letters, digits, `_`, `.` and `-`");
  }
}

async function findSecret({ secrets }: SecretCommandParts, { tenant, name }: SecretOptions) {
  return (await secrets.list(tenant)).find((info) => info.name === name);
}

interface Change {
  readonly action: string;
  readonly before?: SecretInfo | undefined;
  readonly after?: SecretInfo | undefined;
}

function audit(parts: SecretCommandParts, { tenant, name }: SecretOptions, change: Change): Promise<void> {
  const shape = (info: SecretInfo | undefined) =>
    info && { description: info.description, version: info.version, value: masked };
  return parts.audit.append({
    at: Date.now(),
    tenant,
    actor,
    action: change.action,
    target: { kind: "secret", id: name },
    before: shape(change.before),
    after: shape(change.after),
  });
}
