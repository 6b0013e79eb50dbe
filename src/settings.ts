import { dirname } from "node:path";
import { parseYaml } from "./adapters/yaml/parse-yaml.ts";
import { isJsonObject } from "./core/json.ts";
import { nearest } from "./core/nearest.ts";
import { type Option, settingOptions } from "./settings-options.ts";
import { OptionFault, type OptionOrigin } from "./settings-values.ts";

type Options = typeof settingOptions;
type OptionKey = keyof Options;

/** The frozen settings of one process; see `settingOptions` for what each means. */
export type Settings = { readonly [K in OptionKey]: ReturnType<Options[K]["parse"]> };

/** Where settings come from. Nothing else is asked: the same sources give the same settings. */
export interface SettingsSources {
  /** By option key, as the command line gave them; `settings` is the path of the settings file. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Reads a text file; throws when it cannot be read. */
  readonly readFile: (path: string) => string;
  /** Instead of the defaults of the table. */
  readonly defaults?: Partial<Settings>;
}

export type ResolvedSettings =
  | { readonly kind: "settings"; readonly settings: Settings }
  /** One sentence each, naming the flag, variable or key. */
  | { readonly kind: "problems"; readonly problems: readonly string[] };

interface Given {
  /** How the operator knows the place: `--port`, `PASSERELLE_PORT` or `port in gateway.yaml`. */
  readonly label: string;
  readonly texts: readonly string[];
  readonly origin: OptionOrigin;
}

/** Settles every option: flags before the environment before the settings file before the default. */
export function resolveSettings(sources: SettingsSources): ResolvedSettings {
  const problems: string[] = [];
  const file = readSettingsFile(sources, problems);
  const settings: Record<string, unknown> = {};
  const defaults = new Map<string, unknown>(Object.entries(sources.defaults ?? {}));
  for (const [key, option] of Object.entries<Option<unknown>>(settingOptions)) {
    try {
      const given = fromFlags(key, option, sources) ?? fromEnvironment(option, sources) ?? file.get(key);
      settings[key] = given === undefined ? (defaults.get(key) ?? option.defaultValue) : parse(option, given);
    } catch (error) {
      if (!(error instanceof OptionFault)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) return { kind: "problems", problems };
  // Every key of the table was set by the option of that key.
  return { kind: "settings", settings: Object.freeze(settings) as Settings };
}

function parse(option: Option<unknown>, { label, texts, origin }: Given): unknown {
  try {
    return option.parse(texts, origin);
  } catch (error) {
    if (error instanceof OptionFault) throw new OptionFault(`${label}: ${error.message}`);
    throw error;
  }
}

function fromFlags(key: string, option: Option<unknown>, { flags }: SettingsSources): Given | undefined {
  const value = flags[key];
  if (value === undefined) return undefined;
  const texts = (Array.isArray(value) ? value : [value]).map(String);
  return { label: option.flag.split(" ")[0] ?? key, texts, origin: {} };
}

function fromEnvironment(option: Option<unknown>, { environment, readFile }: SettingsSources): Given | undefined {
  const name = option.environment;
  const text = environment[name];
  if (text !== undefined && text !== "" && !isServiceLink(text)) {
    return { label: name, texts: split(text, option), origin: {} };
  }
  const path = option.isSecret ? environment[`${name}_FILE`] : undefined;
  if (path === undefined || path === "") return undefined;
  return { label: `${name}_FILE`, texts: split(readText(readFile, path, `${name}_FILE`), option), origin: {} };
}

/** Kubernetes sets PASSERELLE_PORT=tcp://… in every pod beside a Service that is called passerelle. */
function isServiceLink(text: string): boolean {
  return /^(?:tcp|udp|sctp):\/\//.test(text);
}

/** Lines that begin with `#` in a file or variable of several values are comments. */
function split(text: string, { separator }: Option<unknown>): string[] {
  if (separator === undefined) return [text.trim()];
  const lines = text.split(/\r?\n/).filter((line) => !line.trimStart().startsWith("#"));
  return lines.flatMap((line) => line.split(separator)).flatMap((part) => part.trim() || []);
}

function readText(readFile: SettingsSources["readFile"], path: string, label: string): string {
  try {
    return readFile(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new OptionFault(`${label}: cannot read ${path} (${code})`);
  }
}

/** The values of the settings file by key; what is wrong with the file goes to `problems`. */
function readSettingsFile(sources: SettingsSources, problems: string[]): ReadonlyMap<string, Given> {
  const values = new Map<string, Given>();
  const path = sources.flags["settings"] ?? sources.environment["PASSERELLE_SETTINGS"];
  if (typeof path !== "string" || path === "") return values;
  const collect = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof OptionFault)) throw error;
      problems.push(error.message);
    }
  };
  collect(() => {
    for (const [key, value] of Object.entries(parseFile(path, readText(sources.readFile, path, "--settings")))) {
      collect(() => {
        const given = fromFile(key, value, path);
        if (given !== undefined) values.set(key, given);
      });
    }
  });
  return values;
}

function parseFile(path: string, text: string): Readonly<Record<string, unknown>> {
  const parsed = parseYaml(text);
  if (parsed.kind === "broken") {
    const [problem] = parsed.problems;
    const line = text.slice(0, problem?.offset ?? 0).split("\n").length;
    throw new OptionFault(`${path}:${line}: ${problem?.message ?? "not valid YAML"}`);
  }
  if (parsed.value === undefined || parsed.value === null) return {};
  if (!isJsonObject(parsed.value)) throw new OptionFault(`${path}: must hold \`key: value\` lines`);
  return parsed.value;
}

function fromFile(key: string, value: unknown, path: string): Given | undefined {
  const label = `${key} in ${path}`;
  if (!Object.hasOwn(settingOptions, key)) {
    const meant = nearest(key, Object.keys(settingOptions));
    const hint =
      meant === undefined ? `the keys are ${Object.keys(settingOptions).join(", ")}` : `did you mean "${meant}"?`;
    throw new OptionFault(`${path}: unknown key ${JSON.stringify(key)}; ${hint}`);
  }
  if (value === null) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const texts = list.map((item) => {
    if (typeof item === "string" || typeof item === "number") return String(item);
    // YAML 1.1 editors write `off` as false.
    if (item === false) return "off";
    throw new OptionFault(`${label}: must be a text, a number or a list of them`);
  });
  return { label, texts, origin: { folder: dirname(path) } };
}
