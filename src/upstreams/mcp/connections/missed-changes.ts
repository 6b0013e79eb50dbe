import { isJsonObject, type JsonObject } from "../../../core/json.ts";
import type { ConnectionListener } from "../connection.ts";

const lists = ["tools", "prompts", "resources"];

/**
 * Tells everything as changed that may have changed unheard, while a stream of changes was broken.
 *
 * @param uris resources whose changes are wanted
 */
export function tellMissedChanges(
  capabilities: JsonObject,
  uris: Iterable<string>,
  listener: ConnectionListener,
): void {
  for (const list of lists) {
    if (canTell(capabilities, list, "listChanged")) listener.onNotification(`notifications/${list}/list_changed`, {});
  }
  if (!canTell(capabilities, "resources", "subscribe")) return;
  for (const uri of uris) listener.onNotification("notifications/resources/updated", { uri });
}

/** Whether a server declares an ability of one of its primitives. */
export function canTell(capabilities: JsonObject, primitive: string, ability: string): boolean {
  const capability = capabilities[primitive];
  return isJsonObject(capability) && capability[ability] === true;
}
