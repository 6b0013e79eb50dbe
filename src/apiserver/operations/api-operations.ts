import type { AnyOperation } from "../operation.ts";
import type { ServerParts } from "../servers/server-parts.ts";
import { draftOperations } from "./draft-operations.ts";
import { type GatewayStatusParts, gatewayStatusOperations } from "./gateway-status-operations.ts";
import { serverOperations } from "./server-operations.ts";
import { type SettingsParts, settingsOperations } from "./settings-operations.ts";
import { versionOperations } from "./version-operations.ts";

/** What all operations together work with. */
export interface ApiParts extends ServerParts, GatewayStatusParts, SettingsParts {}

/** Every operation of the API, in the order of its description. Nothing of `parts` is used before a request comes. */
export function apiOperations(parts: ApiParts): readonly AnyOperation[] {
  return [
    ...serverOperations(parts),
    ...draftOperations(parts),
    ...versionOperations(parts),
    ...gatewayStatusOperations(parts),
    ...settingsOperations(parts),
  ];
}
