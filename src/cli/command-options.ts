import { type Command, Option } from "commander";
import { type Process, type Option as SettingOption, settingOptions } from "../settings-options.ts";
import { exitCodeHelp } from "./exit-codes.ts";

/** What an action answers: the exit code. Commands are imported when they run, so that each starts fast. */
export type Finish = (exitCode: number) => void;

/** Adds the options of these processes, and the settings file that may hold them. */
export function addSettings(command: Command, processes: readonly Process[]): Command {
  for (const [key, option] of Object.entries<SettingOption<unknown>>(settingOptions)) {
    if (option.processes.some((process) => processes.includes(process))) addSetting(command, key, option);
  }
  return addSettingsFile(command);
}

/** Adds these options of the settings table, and the settings file that may hold them. */
export function addSomeSettings(command: Command, keys: readonly (keyof typeof settingOptions)[]): Command {
  for (const key of keys) addSetting(command, key, settingOptions[key]);
  return addSettingsFile(command);
}

function addSetting(command: Command, key: string, option: SettingOption<unknown>): void {
  const { flag, description, separator, defaultValue, environment } = option;
  const shown = typeof defaultValue === "string" || typeof defaultValue === "number" ? `, default ${defaultValue}` : "";
  const flagOption = new Option(flag, `${description} (${environment}${shown})`);
  if (separator !== undefined) flagOption.argParser(collect);
  // The table's key, which a repeated flag in the singular differs from.
  flagOption.attributeName = () => key;
  command.addOption(flagOption);
}

function addSettingsFile(command: Command): Command {
  return command.option("--settings <path>", "YAML file with any of these options by name (PASSERELLE_SETTINGS)");
}

/** For options that may be repeated. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

export function format(): Option {
  return new Option("--format <format>", "how to print").choices(["text", "json"]).default("text");
}

/** What stands below the options in the help of a command. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}\n\n${exitCodeHelp}`;
}
