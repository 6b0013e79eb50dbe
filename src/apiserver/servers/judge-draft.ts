import type { ServerDocument } from "../../core/config/document.ts";
import type { DocumentRef, StoredVersion } from "../../core/config-store.ts";
import type { JudgedDocument } from "../../core/document-judge.ts";
import { AppError } from "../../core/errors.ts";
import type { DocumentPath, LocatedProblem, Problem } from "../../core/problem.ts";
import { type GuardedChange, guardedChanges } from "./guarded-changes.ts";
import { describeProblems } from "./server-schemas.ts";
import type { ServerParts, ServersTenant } from "./server-parts.ts";

/** A text that somebody wants to save. */
export interface Draft {
  readonly tenant: string;
  /** Undefined when the text may choose. */
  readonly name: string | undefined;
  readonly text: string;
  /** What was found of the text, when it was judged already. */
  readonly known?: JudgedDocument | undefined;
  /** The newest version; undefined when there is none. */
  readonly newest: StoredVersion | undefined;
}

export interface JudgedDraft extends Pick<JudgedDocument, "document" | "summary"> {
  /** Errors and warnings by place, those of the tenant and of other servers included. */
  readonly problems: readonly LocatedProblem[];
  /** What saving it needs permissions of their own for. */
  readonly guarded: readonly GuardedChange[];
}

/**
 * Judges a text as a gateway would and by what else is there.
 *
 * @throws AppError `not_found` when there is no such tenant
 */
export async function judgeDraft(
  parts: ServerParts,
  { tenant, name, text, known, newest }: Draft,
): Promise<JudgedDraft> {
  const home = await requireTenant(parts, tenant);
  const { document, summary, problems, ...judged } = known ?? (await parts.judge.judge(text, name ?? "document"));
  if (document === undefined) return { document, summary, problems, guarded: [] };
  await parts.index.refresh();
  const found: Problem[] = [
    ...nameProblems(document, tenant, name),
    ...prefixProblems(document, home, (prefix) =>
      parts.index.otherOwner(prefix, { tenant, name: name ?? document.name }),
    ),
  ];
  const located = found.map((problem) => ({ ...problem, ...judged.locate(problem.path, problem.atKey) }));
  const before = newest?.text === undefined ? undefined : await parts.judge.judge(newest.text, "newest");
  return {
    document,
    summary,
    problems: [...problems, ...located].sort((a, b) => a.line - b.line || a.column - b.column),
    guarded: guardedChanges(before?.document, document),
  };
}

/** @throws AppError `not_found` */
export async function requireTenant({ findTenant }: ServerParts, tenant: string): Promise<ServersTenant> {
  const found = await findTenant(tenant);
  if (found === undefined) throw new AppError("not_found", `There is no tenant ${tenant}.`);
  return found;
}

function nameProblems(document: ServerDocument, tenant: string, name: string | undefined): Problem[] {
  const problems: Problem[] = [];
  if (document.tenant !== tenant) {
    problems.push(
      fault(
        ["tenant"],
        `the tenant is ${document.tenant}, but the address says ${tenant}`,
        `write \`tenant: ${tenant}\``,
      ),
    );
  }
  if (name !== undefined && document.name !== name) {
    problems.push(
      fault(
        ["name"],
        `the name is ${document.name}, but the address says ${name}`,
        `write \`name: ${name}\`; a server gets another name by a copy`,
      ),
    );
  }
  return problems;
}

function prefixProblems(
  { routes, tenant }: ServerDocument,
  { prefix: home }: ServersTenant,
  otherOwner: (prefix: string) => DocumentRef | undefined,
): Problem[] {
  return routes.flatMap(({ prefix }, i) => {
    const path = ["routes", i, "prefix"];
    const owner = otherOwner(prefix);
    const isOutside = home !== undefined && prefix !== home && !prefix.startsWith(`${home}/`);
    return [
      ...(isOutside
        ? [
            fault(
              path,
              `the prefix ${prefix} does not lie below ${home}, which the tenant's routes have to`,
              `write ${home}${prefix}`,
            ),
          ]
        : []),
      ...(owner === undefined
        ? []
        : [fault(path, `the prefix ${prefix} is taken by ${ownerWords(owner, tenant)}`, "choose another prefix")]),
    ];
  });
}

/** Who has it is told inside of a tenant only. */
function ownerWords(owner: DocumentRef, tenant: string): string {
  return owner.tenant === tenant ? `the server ${owner.name}` : "a server of another tenant";
}

function fault(path: DocumentPath, message: string, mend: string): Problem {
  return { severity: "error", path, message, mend };
}

/** @throws AppError `unprocessable` with every problem, when one of them is an error */
export function refuseBroken({ document, problems }: JudgedDraft): ServerDocument {
  const errors = problems.filter(({ severity }) => severity === "error");
  if (document !== undefined && errors.length === 0) return document;
  const [first] = errors;
  const rest = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  const where = first === undefined ? "" : ` Line ${first.line}: ${first.message}${rest}.`;
  throw new AppError("unprocessable", `The document cannot be served, so it was not saved.${where}`, {
    data: { problems: describeProblems(problems) },
  });
}
