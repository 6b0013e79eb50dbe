import { AppError } from "../../core/errors.ts";
import type { ServerView, Unlisted } from "../catalogue/server-view.ts";
import type { Exchange } from "../exchange.ts";
import type { Reply } from "../reply.ts";

/** Upstreams that an error names; there may be many. */
const maxExplained = 3;

type Find<Found> = (view: ServerView) => Found | undefined;
type GoOn<Found> = (found: Found, view: ServerView) => Reply | Promise<Reply>;

/**
 * Looks something up in what the caller sees and goes on with it.
 *
 * @param missing makes the error when it is not there, even after a wait (see `findLate`)
 */
export function findServed<Found>(
  exchange: Exchange,
  find: Find<Found>,
  goOn: GoOn<Found>,
  missing: () => AppError,
): Reply | Promise<Reply> {
  const view = exchange.server.catalogue.current(exchange.principal);
  const found = find(view);
  return found === undefined ? findLate(exchange, find, goOn, missing) : goOn(found, view);
}

/**
 * The same for what is not known yet. It may belong to an upstream that was never listed: that is waited
 * for, within bounds.
 */
export function findLate<Found>(
  { server, principal }: Exchange,
  find: Find<Found>,
  goOn: GoOn<Found>,
  missing: () => AppError,
): Reply | Promise<Reply> {
  const ready = server.catalogue.ready(principal);
  if (!(ready instanceof Promise)) throw explain(missing(), server.catalogue.unlisted(principal));
  return ready.then((whole) => {
    const late = find(whole);
    if (late === undefined) throw explain(missing(), server.catalogue.unlisted(principal));
    return goOn(late, whole);
  });
}

/** Says which upstreams it may belong to all the same. */
function explain(error: AppError, unlisted: readonly Unlisted[]): AppError {
  if (unlisted.length === 0) return error;
  const sentences = unlisted
    .slice(0, maxExplained)
    .map(({ upstream, reason = "It has not answered yet." }) => `What \`${upstream}\` offers is not known: ${reason}`);
  return new AppError(error.code, [error.message, ...sentences].join(" "), { data: error.data, cause: error });
}
