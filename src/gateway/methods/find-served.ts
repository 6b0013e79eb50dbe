import type { AppError } from "../../core/errors.ts";
import type { ServerView } from "../catalogue/server-view.ts";
import type { Exchange, Reply } from "../exchange.ts";

/**
 * Looks something up in what the caller sees and goes on with it. What is not known yet may belong to an
 * upstream that was never listed: that is waited for, within bounds.
 *
 * @param missing makes the error when it is not there afterwards either
 */
export function findServed<Found>(
  { server, principal }: Exchange,
  find: (view: ServerView) => Found | undefined,
  goOn: (found: Found, view: ServerView) => Reply | Promise<Reply>,
  missing: () => AppError,
): Reply | Promise<Reply> {
  const view = server.catalogue.current(principal);
  const found = find(view);
  if (found !== undefined) return goOn(found, view);
  const ready = server.catalogue.ready(principal);
  if (!(ready instanceof Promise)) throw missing();
  return ready.then((whole) => {
    const late = find(whole);
    if (late === undefined) throw missing();
    return goOn(late, whole);
  });
}
