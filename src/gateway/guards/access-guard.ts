import type { IncomingMessage } from "node:http";
import type { KeyRing } from "../../access/key-ring.ts";
import { AppError } from "../../core/errors.ts";
import { anonymous, type Principal } from "../../core/principal.ts";
import { opensServer } from "../../access/key-scope.ts";
import type { RouteMatch } from "../route-table.ts";

/** The header that goes with a 401 (RFC 6750). */
export const bearerChallenge: readonly string[] = ["WWW-Authenticate", 'Bearer realm="passerelle"'];

/**
 * Who calls this route. Keys are taken from `Authorization` on every request, never from the URL.
 *
 * @throws AppError `unauthorized` when the route wants a key and none, or an unknown or expired one, is given,
 *   `forbidden` for a key that does not open this server and for everybody while its tenant is disabled, `unavailable` while keys are still to come.
 */
export function authenticate(request: IncomingMessage, { route, server }: RouteMatch, keys: KeyRing): Principal {
  if (keys.isDisabled(server.tenant)) {
    throw new AppError("forbidden", "The tenant of this server is disabled: nobody is let in.");
  }
  if (route.config.access === "public") return anonymous;
  const principal = keys.authenticate(request.headers.authorization);
  if (principal === undefined) {
    throw new AppError("unauthorized", "This route needs an API key: send it as `Authorization: Bearer KEY`.");
  }
  if (!opensServer(principal, server)) {
    throw new AppError("forbidden", "This API key does not open this server: ask for one whose scope names it.");
  }
  return principal;
}
