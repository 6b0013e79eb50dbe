import { createHash } from "node:crypto";
import { isAbsolute, resolve } from "node:path";
import type { ApiKey } from "./access/key-ring.ts";
import { nearest } from "./core/nearest.ts";

/** A value that an option does not take; the message is for the operator and never holds the value of a secret. */
export class OptionFault extends Error {
  override readonly name = "OptionFault";
}

/** What a value means depends on where it was written. */
export interface OptionOrigin {
  /** Folder that relative paths start from; the working folder when absent. */
  readonly folder?: string;
}

/** One option of the program: a flag, an environment variable and a key of the settings file. */
export interface Option<T> {
  readonly flag: string;
  readonly environment: string;
  readonly description: string;
  /** Several values: the flag is repeated, the variable holds them apart by this, the file has a list. */
  readonly separator?: RegExp;
  /** The variable's name with `_FILE` names a file that holds the value. */
  readonly isSecret?: boolean;
  readonly defaultValue: T;
  /** Reads the texts (one, or several for a list) that were given. Throws `OptionFault`. */
  readonly parse: (texts: readonly string[], origin: OptionOrigin) => T;
}

const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
const logFormats = ["json", "pretty"] as const;
const accessLogs = ["all", "errors", "off"] as const;

/** Every option of the gateway, by its key in the settings file. */
export const gatewayOptions = {
  config: {
    flag: "--config <path>",
    environment: "PASSERELLE_CONFIG",
    description: "file or folder with server documents; may be repeated",
    separator: /,/,
    defaultValue: [] as readonly string[],
    parse: (texts: readonly string[], origin: OptionOrigin) => texts.map((text) => pathFrom(text, origin)),
  },
  host: {
    flag: "--host <address>",
    environment: "PASSERELLE_HOST",
    description: "address to listen on for clients",
    defaultValue: "127.0.0.1",
    parse: single(hostName),
  },
  port: {
    flag: "--port <number>",
    environment: "PASSERELLE_PORT",
    description: "port to listen on for clients; 0 takes a free one",
    defaultValue: 5235,
    parse: single(whole(0, 65_535)),
  },
  opsHost: {
    flag: "--ops-host <address>",
    environment: "PASSERELLE_OPS_HOST",
    description: "address to listen on for operations (health, metrics, status)",
    defaultValue: "127.0.0.1",
    parse: single(hostName),
  },
  opsPort: {
    flag: "--ops-port <number>",
    environment: "PASSERELLE_OPS_PORT",
    description: "port to listen on for operations; 0 takes a free one, `off` closes it",
    defaultValue: 5236 as number | "off",
    parse: single((text) => (text === "off" ? "off" : whole(0, 65_535)(text))),
  },
  publicUrl: {
    flag: "--public-url <url>",
    environment: "PASSERELLE_PUBLIC_URL",
    description: "URL that clients reach this gateway by, when it is behind a proxy",
    defaultValue: undefined as string | undefined,
    parse: single(httpUrl),
  },
  allowedHosts: {
    flag: "--allowed-host <name>",
    environment: "PASSERELLE_ALLOWED_HOSTS",
    description: "Host header that is taken besides the own names; may be repeated",
    separator: /[,\s]+/,
    defaultValue: [] as readonly string[],
    parse: (texts: readonly string[]) => texts.map((text) => text.toLowerCase()),
  },
  apiKeys: {
    flag: "--api-key <name=key>",
    environment: "PASSERELLE_API_KEYS",
    description: "key for routes with `access: key`, plain or as NAME=sha256:HEX; may be repeated",
    separator: /[,\s]+/,
    isSecret: true,
    defaultValue: [] as readonly ApiKey[],
    parse: (texts: readonly string[]) => texts.map(apiKey),
  },
  secretsDir: {
    flag: "--secrets-dir <path>",
    environment: "PASSERELLE_SECRETS_DIR",
    description: "folder with one file per secret, besides PASSERELLE_SECRET_NAME variables",
    defaultValue: undefined as string | undefined,
    parse: single(pathFrom),
  },
  stateDir: {
    flag: "--state-dir <path>",
    environment: "PASSERELLE_STATE_DIR",
    description: "folder that the gateway remembers things in, such as pinned tools; without it until it ends",
    defaultValue: undefined as string | undefined,
    parse: single(pathFrom),
  },
  logLevel: {
    flag: "--log-level <level>",
    environment: "PASSERELLE_LOG_LEVEL",
    description: `least severity that is logged: ${logLevels.join(", ")}`,
    defaultValue: "info" as (typeof logLevels)[number],
    parse: single(oneOf(logLevels)),
  },
  logFormat: {
    flag: "--log-format <format>",
    environment: "PASSERELLE_LOG_FORMAT",
    description: `how lines are written: ${logFormats.join(", ")}`,
    defaultValue: "json" as (typeof logFormats)[number],
    parse: single(oneOf(logFormats)),
  },
  accessLog: {
    flag: "--access-log <what>",
    environment: "PASSERELLE_ACCESS_LOG",
    description: `which answered messages are logged: ${accessLogs.join(", ")}`,
    defaultValue: "all" as (typeof accessLogs)[number],
    parse: single(oneOf(accessLogs)),
  },
  accessLogSample: {
    flag: "--access-log-sample <share>",
    environment: "PASSERELLE_ACCESS_LOG_SAMPLE",
    description: "share of successful messages that is logged, 0 to 1",
    defaultValue: 1,
    parse: single(share),
  },
  drainMs: {
    flag: "--drain-ms <milliseconds>",
    environment: "PASSERELLE_DRAIN_MS",
    description: "how long running calls may take to finish at the end",
    defaultValue: 30_000,
    parse: single(whole(0, 3_600_000)),
  },
  maxConnections: {
    flag: "--max-connections <number>",
    environment: "PASSERELLE_MAX_CONNECTIONS",
    description: "most connections of clients at once",
    defaultValue: 50_000,
    parse: single(whole(1, 1_000_000)),
  },
};

/** Checks that every entry of the table is an option, without losing the types of the values. */
gatewayOptions satisfies Record<string, Option<unknown>>;

function single<T>(parse: (text: string, origin: OptionOrigin) => T) {
  return (texts: readonly string[], origin: OptionOrigin): T => {
    const [text, ...more] = texts;
    if (text === undefined || more.length > 0) throw new OptionFault(`takes one value, not ${texts.length}`);
    return parse(text, origin);
  };
}

function whole(minimum: number, maximum: number) {
  return (text: string): number => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= minimum && value <= maximum) return value;
    throw new OptionFault(`must be a whole number from ${minimum} to ${maximum}, not ${JSON.stringify(text)}`);
  };
}

function share(text: string): number {
  const value = /^[\d.]{1,20}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 0 && value <= 1) return value;
  throw new OptionFault(`must be a number from 0 to 1, not ${JSON.stringify(text)}`);
}

function oneOf<const T extends string>(choices: readonly T[]) {
  return (text: string): T => {
    const found = choices.find((choice) => choice === text);
    if (found !== undefined) return found;
    const meant = nearest(text, choices);
    const hint = meant === undefined ? "" : `; did you mean "${meant}"?`;
    throw new OptionFault(`must be one of ${choices.join(", ")}, not ${JSON.stringify(text)}${hint}`);
  };
}

function hostName(text: string): string {
  if (/^[A-Za-z0-9.:_-]{1,253}$/.test(text)) return text;
  throw new OptionFault(`must be a host name or address, not ${JSON.stringify(text)}`);
}

function httpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && url.username === "" && url.search === "" && url.hash === "";
  if (isPlain && (url.protocol === "http:" || url.protocol === "https:")) return url.href.replace(/\/+$/, "");
  throw new OptionFault(`must be an http: or https: URL without user, query and fragment, not ${JSON.stringify(text)}`);
}

function pathFrom(text: string, { folder }: OptionOrigin): string {
  return folder === undefined || isAbsolute(text) ? text : resolve(folder, text);
}

/** Shortest plain key: 16 characters of a random key cannot be guessed. */
const minKeyLength = 16;

function apiKey(text: string): ApiKey {
  const split = text.indexOf("=");
  const name = text.slice(0, Math.max(split, 0));
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    throw new OptionFault("each key must be written NAME=KEY, with a name of letters, digits, `.`, `_` and `-`");
  }
  const key = text.slice(split + 1);
  const hash = /^sha256:([0-9a-fA-F]{64})$/.exec(key)?.[1];
  if (hash !== undefined) return { name, sha256: hash.toLowerCase() };
  if (key.startsWith("sha256:")) throw new OptionFault(`the hash of key ${name} must have 64 hexadecimal digits`);
  if (key.length < minKeyLength) throw new OptionFault(`key ${name} must have at least ${minKeyLength} characters`);
  return { name, sha256: createHash("sha256").update(key).digest("hex") };
}
