import * as z from "zod";
import type { SettingStore } from "../core/setting-store.ts";

const days = z.int().min(1).max(36_500);

/** What administrators set for the whole instance; every part has a value when nothing was set. */
export const instanceSettings = z
  .strictObject({
    versions: z
      .strictObject({
        keep: z.int().min(1).max(100_000).default(100).describe("Newest versions of each server that stay."),
        keepDays: days.default(90).describe("Versions younger than this stay, however many there are."),
      })
      .prefault({})
      .describe("Which versions of servers are forgotten; the newest and tagged ones never are."),
    audit: z
      .strictObject({ keepDays: days.default(365).describe("Entries older than this are forgotten.") })
      .prefault({})
      .describe("The audit log."),
  })
  .meta({ id: "InstanceSettings", description: "Settings of the whole instance." });

export type InstanceSettings = z.output<typeof instanceSettings>;

/** Name that they are stored under. */
export const settingName = "instance";

/** The settings and their version; defaults, of version 0, when nothing was set. */
export async function readSettings(
  store: SettingStore,
): Promise<{ readonly version: number; readonly settings: InstanceSettings }> {
  const stored = await store.get(settingName);
  return { version: stored?.version ?? 0, settings: instanceSettings.parse(stored?.value ?? {}) };
}
