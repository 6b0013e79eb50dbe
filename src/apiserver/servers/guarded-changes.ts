import type { Permission } from "../../access/permissions.ts";
import { canonicalJson } from "../../core/canonical-json.ts";
import type { ServerDocument } from "../../core/config/document.ts";

type Upstream = ServerDocument["upstreams"][string];

/** A part of a document that a permission of its own is needed for. */
export interface GuardedChange {
  readonly permission: Permission;
  /** What the document does with it, as it goes on after its subject. */
  readonly deed: string;
}

/**
 * What of `next` needs a permission of its own because `before` has it not: programs that are started, private
 * addresses that are opened, and files of the machine that are read. Taking any of them away needs none.
 *
 * @param before the newest version; undefined when there is none or it is no document
 */
export function guardedChanges(before: ServerDocument | undefined, next: ServerDocument): GuardedChange[] {
  const known = Object.values(before?.upstreams ?? {});
  const knownPrograms = new Set(known.map(programOf));
  const knownFiles = new Set([...known.flatMap(filesOf), ...(before?.files?.roots ?? [])]);
  const changes = Object.entries(next.upstreams).flatMap(([upstream, config]): GuardedChange[] => {
    const program = programOf(config);
    const allow = allowOf(config);
    const hadAllow = allowOf(ownMember(before?.upstreams, upstream));
    return [
      ...(program === undefined || knownPrograms.has(program)
        ? []
        : [{ permission: "stdio.define", deed: `starts a program (upstream ${upstream})` } as const]),
      ...(allow === undefined || allow === hadAllow
        ? []
        : [{ permission: "egress.define", deed: `opens private addresses (upstream ${upstream})` } as const]),
    ];
  });
  const files = [...Object.values(next.upstreams).flatMap(filesOf), ...(next.files?.roots ?? [])];
  const added = files.find((file) => !knownFiles.has(file));
  if (added === undefined) return changes;
  return [...changes, { permission: "files.define", deed: `reads ${JSON.stringify(added)} of the machine` }];
}

/** Paths of certificates and keys; PEM texts and secrets are none. */
export function filesOf({ tls }: Pick<Upstream, "tls">): string[] {
  return [tls?.ca, tls?.cert, tls?.key].filter(
    (value) =>
      value !== undefined && !value.trimStart().startsWith("-----BEGIN") && !/^\$\{[^}]*\}$/.test(value.trim()),
  ) as string[]; // undefined was filtered out
}

function ownMember(upstreams: ServerDocument["upstreams"] | undefined, name: string): Upstream | undefined {
  return upstreams !== undefined && Object.hasOwn(upstreams, name) ? upstreams[name] : undefined;
}

/** How a program is started, as text; undefined when none is. */
function programOf(upstream: Upstream): string | undefined {
  if (upstream.kind !== "mcp" || upstream.command === undefined) return undefined;
  const { command, args, env, cwd } = upstream;
  return canonicalJson({ command, args, env, cwd: cwd ?? null });
}

/** The private addresses that are opened, as text; undefined when none are. */
function allowOf(upstream: Upstream | undefined): string | undefined {
  const allow = upstream?.egress.allow ?? [];
  return allow.length === 0 ? undefined : canonicalJson([...new Set(allow)].sort());
}
