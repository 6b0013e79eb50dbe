import type { IncomingMessage } from "node:http";
import type { KeyRing } from "../../access/key-ring.ts";
import { AppError } from "../../core/errors.ts";
import { anonymous, type Principal } from "../../core/principal.ts";
import type { CompiledRoute } from "../compile/compiled-server.ts";

/** The header that goes with a 401 (RFC 6750). */
export const bearerChallenge: readonly string[] = ["WWW-Authenticate", 'Bearer realm="passerelle"'];

/**
 * Who calls this route. Keys are taken from `Authorization` on every request, never from the URL.
 *
 * @throws AppError `unauthorized` when the route wants a key and none, or an unknown one, is given.
 */
export function authenticate(request: IncomingMessage, route: CompiledRoute, keys: KeyRing): Principal {
  if (route.config.access === "public") return anonymous;
  const principal = keys.authenticate(request.headers.authorization);
  if (principal !== undefined) return principal;
  throw new AppError("unauthorized", "This route needs an API key: send it as `Authorization: Bearer KEY`.");
}
