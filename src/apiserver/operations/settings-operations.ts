import type { AuditLog } from "../../core/audit-log.ts";
import type { SettingStore } from "../../core/setting-store.ts";
import { AppError } from "../../core/errors.ts";
import { recordChange } from "../audit.ts";
import { instanceSettings, readSettings, settingName } from "../instance-settings.ts";
import { type AnyOperation, defineOperation } from "../operation.ts";
import { etagOf, ifMatchHeader, requireIfMatch } from "../servers/if-match.ts";

export interface SettingsParts {
  readonly settings: SettingStore;
  readonly audit: AuditLog;
}

const tag = "Settings";

/** Settings of the instance. */
export function settingsOperations(parts: SettingsParts): readonly AnyOperation[] {
  return [getSettings(parts), putSettings(parts)];
}

function getSettings({ settings }: SettingsParts): AnyOperation {
  return defineOperation({
    id: "getSettings",
    method: "get",
    path: "/settings",
    tag,
    summary: "Get the settings of the instance",
    description: 'The ETag is their version; `"0"` while nothing was set.',
    access: { kind: "permission", permission: "settings.read" },
    responses: { 200: { description: "The settings.", schema: instanceSettings } },
    handle: async () => {
      const { version, settings: body } = await readSettings(settings);
      return { status: 200, headers: { etag: etagOf({ version }) }, body };
    },
  });
}

function putSettings({ settings, audit }: SettingsParts): AnyOperation {
  return defineOperation({
    id: "putSettings",
    method: "put",
    path: "/settings",
    tag,
    summary: "Change the settings of the instance",
    description: "What is left out gets its default.",
    access: { kind: "permission", permission: "settings.write" },
    headers: [ifMatchHeader],
    body: instanceSettings,
    responses: {
      200: { description: "The settings now.", schema: instanceSettings },
      409: { description: "Somebody else has changed them meanwhile." },
      428: { description: "If-Match is missing." },
    },
    handle: async (call) => {
      const basedOn = requireIfMatch(call);
      const before = await readSettings(settings);
      if (before.version !== basedOn)
        throw new AppError("conflict", "Somebody else has changed the settings. Read them again.");
      const author = { id: call.caller?.id ?? "", name: call.caller?.name ?? "" };
      const { version } = await settings.put({ name: settingName, value: call.body, author, basedOn });
      const target = { kind: "settings", id: settingName };
      await recordChange(audit, call, { action: "settings.change", target, before: before.settings, after: call.body });
      return { status: 200, headers: { etag: etagOf({ version }) }, body: call.body };
    },
  });
}
