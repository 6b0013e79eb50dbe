import type { Permission } from "../../access/permissions.ts";
import { canonicalJson } from "../../core/canonical-json.ts";
import type { ServerDocument } from "../../core/config/document.ts";

type Upstream = ServerDocument["upstreams"][string];

/** A part of a document that a permission of its own is needed for. */
export interface GuardedChange {
  readonly permission: Permission;
  readonly upstream: string;
}

/**
 * What of `next` needs a permission of its own because `before` has it not: programs that are started, and private
 * addresses that are opened. Taking either away needs none.
 *
 * @param before the newest version; undefined when there is none or it is no document
 */
export function guardedChanges(before: ServerDocument | undefined, next: ServerDocument): GuardedChange[] {
  const known = Object.values(before?.upstreams ?? {});
  const knownPrograms = new Set(known.map(programOf));
  return Object.entries(next.upstreams).flatMap(([upstream, config]): GuardedChange[] => {
    const program = programOf(config);
    const allow = allowOf(config);
    const hadAllow = allowOf(ownMember(before?.upstreams, upstream));
    return [
      ...(program === undefined || knownPrograms.has(program)
        ? []
        : [{ permission: "stdio.define", upstream } as const]),
      ...(allow === undefined || allow === hadAllow ? [] : [{ permission: "egress.define", upstream } as const]),
    ];
  });
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
