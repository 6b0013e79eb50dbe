import type { ApiKey } from "./access/key-ring.ts";
import type { Role } from "./core/role.ts";
import {
  apiKey,
  databaseAddress,
  encryptionKey,
  hostName,
  httpUrl,
  newcomerRule,
  oneOf,
  type OptionOrigin,
  pathFrom,
  redisUrl,
  share,
  sharedToken,
  single,
  storeAddress,
  text,
  whole,
} from "./settings-values.ts";

/** The processes that an option is for. */
export type Process = "gateway" | "apiserver";

/** One option of the program: a flag, an environment variable and a key of the settings file. */
export interface Option<T> {
  readonly flag: string;
  readonly environment: string;
  readonly description: string;
  /** Which processes take it; `passerelle start` takes all. */
  readonly processes: readonly Process[];
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

const gateway = ["gateway"] as const;
const apiserver = ["apiserver"] as const;
const both = ["gateway", "apiserver"] as const;

/** Every option, by its key in the settings file. */
export const settingOptions = {
  config: {
    flag: "--config <path>",
    environment: "PASSERELLE_CONFIG",
    description: "file or folder with server documents; may be repeated",
    processes: gateway,
    separator: /,/,
    defaultValue: [] as readonly string[],
    parse: (texts: readonly string[], origin: OptionOrigin) => texts.map((text) => pathFrom(text, origin)),
  },
  host: {
    flag: "--host <address>",
    environment: "PASSERELLE_HOST",
    description: "address to listen on for clients",
    processes: gateway,
    defaultValue: "127.0.0.1",
    parse: single(hostName),
  },
  port: {
    flag: "--port <number>",
    environment: "PASSERELLE_PORT",
    description: "port to listen on for clients; 0 takes a free one",
    processes: gateway,
    defaultValue: 5235,
    parse: single(whole(0, 65_535)),
  },
  opsHost: {
    flag: "--ops-host <address>",
    environment: "PASSERELLE_OPS_HOST",
    description: "address to listen on for operations (health, metrics, status)",
    processes: gateway,
    defaultValue: "127.0.0.1",
    parse: single(hostName),
  },
  opsPort: {
    flag: "--ops-port <number>",
    environment: "PASSERELLE_OPS_PORT",
    description: "port to listen on for operations; 0 takes a free one, `off` closes it",
    processes: gateway,
    defaultValue: 5236 as number | "off",
    parse: single((text) => (text === "off" ? "off" : whole(0, 65_535)(text))),
  },
  publicUrl: {
    flag: "--public-url <url>",
    environment: "PASSERELLE_PUBLIC_URL",
    description: "URL that clients reach this gateway by, when it is behind a proxy",
    processes: both,
    defaultValue: undefined as string | undefined,
    parse: single(httpUrl),
  },
  allowedHosts: {
    flag: "--allowed-host <name>",
    environment: "PASSERELLE_ALLOWED_HOSTS",
    description: "Host header that is taken besides the own names; may be repeated",
    processes: both,
    separator: /[,\s]+/,
    defaultValue: [] as readonly string[],
    parse: (texts: readonly string[]) => texts.map((text) => text.toLowerCase()),
  },
  apiKeys: {
    flag: "--api-key <name=key>",
    environment: "PASSERELLE_API_KEYS",
    description: "key for routes with `access: key`, plain or as NAME=sha256:HEX; may be repeated",
    processes: gateway,
    separator: /[,\s]+/,
    isSecret: true,
    defaultValue: [] as readonly ApiKey[],
    parse: (texts: readonly string[]) => texts.map(apiKey),
  },
  secretsDir: {
    flag: "--secrets-dir <path>",
    environment: "PASSERELLE_SECRETS_DIR",
    description: "folder with one file per secret, besides PASSERELLE_SECRET_NAME variables",
    processes: both,
    defaultValue: undefined as string | undefined,
    parse: single(pathFrom),
  },
  stateDir: {
    flag: "--state-dir <path>",
    environment: "PASSERELLE_STATE_DIR",
    description: "folder that the gateway remembers things in, such as pinned tools; without it until it ends",
    processes: both,
    defaultValue: undefined as string | undefined,
    parse: single(pathFrom),
  },
  logLevel: {
    flag: "--log-level <level>",
    environment: "PASSERELLE_LOG_LEVEL",
    description: `least severity that is logged: ${logLevels.join(", ")}`,
    processes: both,
    defaultValue: "info" as (typeof logLevels)[number],
    parse: single(oneOf(logLevels)),
  },
  logFormat: {
    flag: "--log-format <format>",
    environment: "PASSERELLE_LOG_FORMAT",
    description: `how lines are written: ${logFormats.join(", ")}`,
    processes: both,
    defaultValue: "json" as (typeof logFormats)[number],
    parse: single(oneOf(logFormats)),
  },
  accessLog: {
    flag: "--access-log <what>",
    environment: "PASSERELLE_ACCESS_LOG",
    description: `which answered messages are logged: ${accessLogs.join(", ")}`,
    processes: both,
    defaultValue: "all" as (typeof accessLogs)[number],
    parse: single(oneOf(accessLogs)),
  },
  accessLogSample: {
    flag: "--access-log-sample <share>",
    environment: "PASSERELLE_ACCESS_LOG_SAMPLE",
    description: "share of successful messages that is logged, 0 to 1",
    processes: gateway,
    defaultValue: 1,
    parse: single(share),
  },
  drainMs: {
    flag: "--drain-ms <milliseconds>",
    environment: "PASSERELLE_DRAIN_MS",
    description: "how long running calls may take to finish at the end",
    processes: both,
    defaultValue: 30_000,
    parse: single(whole(0, 3_600_000)),
  },
  maxConnections: {
    flag: "--max-connections <number>",
    environment: "PASSERELLE_MAX_CONNECTIONS",
    description: "most connections of clients at once",
    processes: gateway,
    defaultValue: 50_000,
    parse: single(whole(1, 1_000_000)),
  },
  store: {
    flag: "--store <address>",
    environment: "PASSERELLE_STORE",
    description: "where documents are kept: yaml:FOLDER, sqlite:FILE, postgres://… or mysql://…",
    processes: both,
    isSecret: true,
    defaultValue: undefined as string | undefined,
    parse: single(storeAddress),
  },
  database: {
    flag: "--database <address>",
    environment: "PASSERELLE_DATABASE",
    description: "where users, keys, secrets and the audit log are kept; the store when that is a database",
    processes: both,
    isSecret: true,
    defaultValue: undefined as string | undefined,
    parse: single(databaseAddress),
  },
  encryptionKeys: {
    flag: "--encryption-key <key>",
    environment: "PASSERELLE_ENCRYPTION_KEYS",
    description: "32 bytes in base64 that seal secrets; the first seals, further ones still open; may be repeated",
    processes: both,
    separator: /[,\s]+/,
    isSecret: true,
    defaultValue: [] as readonly Buffer[],
    parse: (texts: readonly string[]) => texts.map(encryptionKey),
  },
  redis: {
    flag: "--redis <url>",
    environment: "PASSERELLE_REDIS",
    description: "Redis that tells gateways of changes: redis:// or rediss://",
    processes: both,
    isSecret: true,
    defaultValue: undefined as string | undefined,
    parse: single(redisUrl),
  },
  gatewayToken: {
    flag: "--gateway-token <token>",
    environment: "PASSERELLE_GATEWAY_TOKEN",
    description: "shared by the apiserver and its gateways: signs notices, lets gateways read configuration",
    processes: both,
    isSecret: true,
    defaultValue: undefined as string | undefined,
    parse: single(sharedToken),
  },
  apiserver: {
    flag: "--apiserver <url>",
    environment: "PASSERELLE_APISERVER",
    description: "apiserver that the gateway reads configuration from instead of a store",
    processes: gateway,
    defaultValue: undefined as string | undefined,
    parse: single(httpUrl),
  },
  gatewayName: {
    flag: "--gateway-name <name>",
    environment: "PASSERELLE_GATEWAY_NAME",
    description: "name that the control plane shows; the host name unless given",
    processes: gateway,
    defaultValue: undefined as string | undefined,
    parse: single(hostName),
  },
  pollMs: {
    flag: "--poll-ms <milliseconds>",
    environment: "PASSERELLE_POLL_MS",
    description: "how often a gateway asks whether its store has changed, besides being told",
    processes: gateway,
    defaultValue: 5_000,
    parse: single(whole(100, 3_600_000)),
  },
  apiHost: {
    flag: "--api-host <address>",
    environment: "PASSERELLE_API_HOST",
    description: "address that the apiserver listens on",
    processes: apiserver,
    defaultValue: "127.0.0.1",
    parse: single(hostName),
  },
  apiPort: {
    flag: "--api-port <number>",
    environment: "PASSERELLE_API_PORT",
    description: "port that the apiserver listens on; 0 takes a free one",
    processes: apiserver,
    defaultValue: 5234,
    parse: single(whole(0, 65_535)),
  },
  apiUrl: {
    flag: "--api-url <url>",
    environment: "PASSERELLE_API_URL",
    description: "URL that people reach the apiserver by, when it is behind a proxy",
    processes: apiserver,
    defaultValue: undefined as string | undefined,
    parse: single(httpUrl),
  },
  trustedProxies: {
    flag: "--trusted-proxy <address>",
    environment: "PASSERELLE_TRUSTED_PROXIES",
    description: "address or CIDR range of a proxy whose X-Forwarded-For the apiserver believes; may be repeated",
    processes: apiserver,
    separator: /[,\s]+/,
    defaultValue: [] as readonly string[],
    parse: (texts: readonly string[]) => [...texts],
  },
  importAllow: {
    flag: "--import-allow <range>",
    environment: "PASSERELLE_IMPORT_ALLOW",
    description:
      "private address or CIDR range that the apiserver may fetch descriptions from (imports); may be repeated",
    processes: apiserver,
    separator: /[,\s]+/,
    defaultValue: [] as readonly string[],
    parse: (texts: readonly string[]) => [...texts],
  },
  notifyGateways: {
    flag: "--notify-gateway <url>",
    environment: "PASSERELLE_NOTIFY_GATEWAYS",
    description: "operations address of a gateway that is told of changes over HTTP; may be repeated",
    processes: apiserver,
    separator: /[,\s]+/,
    defaultValue: [] as readonly string[],
    parse: (texts: readonly string[]) => texts.map(httpUrl),
  },
  adminEmail: {
    flag: "--admin-email <address>",
    environment: "PASSERELLE_ADMIN_EMAIL",
    description: "first administrator, made when there is no user yet; needs a password",
    processes: apiserver,
    defaultValue: undefined as string | undefined,
    parse: single(text),
  },
  adminPassword: {
    flag: "--admin-password <password>",
    environment: "PASSERELLE_ADMIN_PASSWORD",
    description: "password of the first administrator; better from a file",
    processes: apiserver,
    isSecret: true,
    defaultValue: undefined as string | undefined,
    parse: single(text),
  },
  oidcIssuer: {
    flag: "--oidc-issuer <url>",
    environment: "PASSERELLE_OIDC_ISSUER",
    description: "OpenID Connect provider that people sign in with: its issuer address",
    processes: apiserver,
    defaultValue: undefined as string | undefined,
    parse: single(httpUrl),
  },
  oidcClientId: {
    flag: "--oidc-client-id <id>",
    environment: "PASSERELLE_OIDC_CLIENT_ID",
    description: "client id at that provider",
    processes: apiserver,
    defaultValue: undefined as string | undefined,
    parse: single(text),
  },
  oidcClientSecret: {
    flag: "--oidc-client-secret <secret>",
    environment: "PASSERELLE_OIDC_CLIENT_SECRET",
    description: "client secret at that provider; better from a file",
    processes: apiserver,
    isSecret: true,
    defaultValue: undefined as string | undefined,
    parse: single(text),
  },
  oidcTitle: {
    flag: "--oidc-title <name>",
    environment: "PASSERELLE_OIDC_TITLE",
    description: "name of that provider on the sign-in page",
    processes: apiserver,
    defaultValue: "single sign-on",
    parse: single(text),
  },
  googleClientId: {
    flag: "--google-client-id <id>",
    environment: "PASSERELLE_GOOGLE_CLIENT_ID",
    description: "client id for signing in with Google",
    processes: apiserver,
    defaultValue: undefined as string | undefined,
    parse: single(text),
  },
  googleClientSecret: {
    flag: "--google-client-secret <secret>",
    environment: "PASSERELLE_GOOGLE_CLIENT_SECRET",
    description: "client secret for signing in with Google; better from a file",
    processes: apiserver,
    isSecret: true,
    defaultValue: undefined as string | undefined,
    parse: single(text),
  },
  githubClientId: {
    flag: "--github-client-id <id>",
    environment: "PASSERELLE_GITHUB_CLIENT_ID",
    description: "client id for signing in with GitHub",
    processes: apiserver,
    defaultValue: undefined as string | undefined,
    parse: single(text),
  },
  githubClientSecret: {
    flag: "--github-client-secret <secret>",
    environment: "PASSERELLE_GITHUB_CLIENT_SECRET",
    description: "client secret for signing in with GitHub; better from a file",
    processes: apiserver,
    isSecret: true,
    defaultValue: undefined as string | undefined,
    parse: single(text),
  },
  signInDomains: {
    flag: "--sign-in-domain <domain>",
    environment: "PASSERELLE_SIGN_IN_DOMAINS",
    description: "domain of e-mail addresses that providers may bring; any unless given; may be repeated",
    processes: apiserver,
    separator: /[,\s]+/,
    defaultValue: [] as readonly string[],
    parse: (texts: readonly string[]) => texts.map((domain) => hostName(domain).toLowerCase()),
  },
  signInNewcomers: {
    flag: "--sign-in-newcomers <role@tenant>",
    environment: "PASSERELLE_SIGN_IN_NEWCOMERS",
    description: "role of people of those domains who were not invited; without it they are turned away",
    processes: apiserver,
    defaultValue: undefined as { readonly role: Role; readonly tenant: string } | undefined,
    parse: single(newcomerRule),
  },
};

/** Checks that every entry of the table is an option, without losing the types of the values. */
settingOptions satisfies Record<string, Option<unknown>>;
