import { passwordProblem } from "../../access/password-rules.ts";
import { AppError } from "../../core/errors.ts";
import { everyTenant } from "../../core/role.ts";
import { type MadeLink, makeLink } from "./one-time-links.ts";
import type { PeopleParts } from "./people-parts.ts";

/** How the first administrator comes to be. */
export type FirstAdministrator =
  /** There are users already. */
  | { readonly kind: "present" }
  /** Made from the settings. */
  | { readonly kind: "made"; readonly email: string }
  /** Whoever opens the link first; print it. */
  | ({ readonly kind: "link" } & MadeLink);

/**
 * Called at each start of an apiserver, when its address is known. Several replicas may start together: one makes the
 * user of the settings; each prints a link of its own, and the first that is used makes the others void.
 *
 * @throws AppError `invalid_configuration` for a password that is too weak, or an address without one
 */
export async function ensureFirstAdministrator(
  parts: PeopleParts,
  {
    adminEmail,
    adminPassword,
  }: { readonly adminEmail?: string | undefined; readonly adminPassword?: string | undefined },
): Promise<FirstAdministrator> {
  if (!(await parts.users.isEmpty())) return { kind: "present" };
  if (adminEmail === undefined && adminPassword === undefined)
    return { kind: "link", ...(await makeLink(parts, { purpose: "setup", createdBy: "program" })) };
  if (adminEmail === undefined || adminPassword === undefined)
    throw new AppError(
      "invalid_configuration",
      "The first administrator needs both an address (PASSERELLE_ADMIN_EMAIL) and a password (PASSERELLE_ADMIN_PASSWORD_FILE).",
    );
  return makeAdministrator(parts, adminEmail, adminPassword);
}

async function makeAdministrator(parts: PeopleParts, email: string, password: string): Promise<FirstAdministrator> {
  const problem = passwordProblem(password, [email]);
  if (problem !== undefined)
    throw new AppError("invalid_configuration", `The password of the first administrator ${problem}.`);
  const createdAt = parts.now();
  try {
    const user = await parts.users.createFirst({
      email,
      name: "",
      roles: new Map([[everyTenant, "administrator"]]),
      passwordHash: await parts.hasher.hash(password),
      createdAt,
    });
    await parts.audit.append({
      at: createdAt,
      actor: { kind: "program", id: "program", name: "settings" },
      action: "user.create",
      target: { kind: "user", id: user.id },
      after: { email: user.email, roles: { [everyTenant]: "administrator" } },
    });
    return { kind: "made", email: user.email };
  } catch (error) {
    // Another replica was faster.
    if (error instanceof AppError && error.code === "conflict") return { kind: "present" };
    throw error;
  }
}
