import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { egressFor } from "../document/private-address.ts";
import { isCredential } from "../secrets/credential-look.ts";
import type { ForeignServer } from "./find-servers.ts";
import { environmentText, foreignText, type TextContext, textMembers } from "./foreign-text.ts";
import { type ServerAddress, serverAddress, textOf, texts } from "./server-address.ts";

/** What a server of a client becomes: an upstream and what is shown of it, or the reason why not. */
export type MadeUpstream =
  | { readonly kind: "upstream"; readonly upstream: JsonObject; readonly tools: JsonObject | undefined }
  | { readonly kind: "refused"; readonly reason: string };

/** Makes an upstream of a server. What cannot be kept is told to `context.note`. */
export function makeUpstream({ config, source }: ForeignServer, context: TextContext): MadeUpstream {
  const address = serverAddress(config);
  if (address.kind === "none") return { kind: "refused", reason: address.reason };
  if (address.kind === "program" && /\$\{|^\$/.test(address.command)) {
    return {
      kind: "refused",
      reason: `the command ${address.command} has a variable in it; write the path of the program`,
    };
  }
  tellUnkept(config, source, context);
  const keys =
    address.kind === "program"
      ? programKeys(address, config, source, context)
      : urlKeys(address, config, source, context);
  return { kind: "upstream", upstream: { kind: "mcp", ...keys, ...timeKeys(config) }, tools: shownTools(config) };
}

type Program = Extract<ServerAddress, { kind: "program" }>;
type Remote = Extract<ServerAddress, { kind: "url" }>;

function programKeys({ command, args }: Program, config: JsonObject, source: string, context: TextContext): JsonObject {
  const cwd = textOf(config["cwd"]);
  if (cwd?.includes("$"))
    context.note("editor-variable", `cwd ${cwd} has a variable in it and was left out; write the path.`);
  const env = [
    ...textMembers(config["env"] ?? config["environment"]).map(([name, value]) => [
      name,
      foreignText(name, value, `env.${name} of ${source}`, context),
    ]),
    ...texts(config["env_vars"]).map((name) => [name, environmentText(name, `env.${name} of ${source}`, context)]),
  ];
  return {
    command,
    ...(args.length > 0 ? { args: args.map((arg, index) => argText(args, arg, index, source, context)) } : {}),
    ...(env.length > 0 ? { env: Object.fromEntries(env) } : {}),
    ...(cwd === undefined || cwd.includes("$") ? {} : { cwd }),
  };
}

/** The value of `--api-key VALUE` and of `--api-key=VALUE` is called as its option is. */
function argText(args: readonly string[], arg: string, index: number, source: string, context: TextContext): string {
  const before = args[index - 1] ?? "";
  const place = `an argument of ${source}`;
  const assignment = /^(--?[\w-]+=|[\w.-]+=|[\w-]+: )(.+)$/s.exec(arg);
  if (assignment !== null) {
    const [, start = "", value = ""] = assignment;
    return start + foreignText(start.replace(/^-+|[=: ]+$/g, ""), value, place, context);
  }
  // A flag is not the value of the flag before it.
  return foreignText(
    before.startsWith("-") && !arg.startsWith("-") ? before.replace(/^-+/, "") : "",
    arg,
    place,
    context,
  );
}

function urlKeys(
  { url, transport, headers, bridged }: Remote,
  config: JsonObject,
  source: string,
  context: TextContext,
): JsonObject {
  if (bridged !== undefined) {
    context.note("bridge-not-needed", `${bridged} is not started: the gateway reaches its URL by itself.`);
  }
  const requestInit = isJsonObject(config["requestInit"]) ? config["requestInit"]["headers"] : undefined;
  const given = [...headers, ...[config["headers"], config["http_headers"], requestInit].flatMap(textMembers)];
  const sent = [
    ...given.map(([name, value]) => [name, foreignText(name, value, `the header ${name} of ${source}`, context)]),
    ...textMembers(config["env_http_headers"]).map(([name, variable]) => [
      name,
      environmentText(variable, `the header ${name} of ${source}`, context),
    ]),
  ];
  const bearer = textOf(config["bearer_token_env_var"]);
  if (bearer !== undefined) {
    sent.push(["Authorization", `Bearer ${environmentText(bearer, `the header Authorization of ${source}`, context)}`]);
  }
  const egress = egressFor(url);
  return {
    ...(transport === "auto" ? {} : { transport }),
    url: urlText(url, source, context),
    ...(sent.length > 0 ? { headers: Object.fromEntries(sent) } : {}),
    ...(egress === undefined ? {} : { egress }),
  };
}

/** Keys in the query of a URL are credentials as well; the rest of the URL stays readable. */
function urlText(url: string, source: string, context: TextContext): string {
  const question = url.indexOf("?");
  if (question === -1) return foreignText("url", url, `the url of ${source}`, context);
  const pairs = url.slice(question + 1).split("&");
  const query = pairs.map((pair) => {
    const equals = pair.indexOf("=");
    const name = pair.slice(0, Math.max(equals, 0));
    const value = pair.slice(equals + 1);
    const isPlain = !isCredential(name, value) && !/[${]/.test(value);
    return isPlain ? pair : `${name}=${foreignText(name, value, `\`${name}\` in the url of ${source}`, context)}`;
  });
  return `${foreignText("url", url.slice(0, question), `the url of ${source}`, context)}?${query.join("&")}`;
}

function timeKeys(config: JsonObject): JsonObject {
  const call = seconds(config["tool_timeout_sec"]) ?? eitherUnit(config["timeout"]);
  const start =
    seconds(config["startup_timeout_sec"]) ?? bounded(config["startup_timeout_ms"] ?? config["initTimeout"]);
  return {
    ...(call === undefined ? {} : { timeoutMs: call }),
    ...(start === undefined ? {} : { startTimeoutMs: start }),
  };
}

/** Some clients count `timeout` in seconds, some in milliseconds: nobody waits for less than a second or for 17 minutes. */
function eitherUnit(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" && value >= 1000 ? bounded(value) : seconds(value);
}

function seconds(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" ? bounded(value * 1000) : undefined;
}

function bounded(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" && value >= 1 ? Math.min(Math.round(value), 86_400_000) : undefined;
}

/** What the client shows of the server's tools. */
function shownTools(config: JsonObject): JsonObject | undefined {
  const include = texts(config["includeTools"] ?? config["enabled_tools"] ?? config["tools"]).filter(
    (name) => name !== "*",
  );
  const exclude = texts(config["excludeTools"] ?? config["disabled_tools"] ?? config["disabledTools"]);
  if (include.length === 0 && exclude.length === 0) return undefined;
  return { ...(include.length > 0 ? { include } : {}), ...(exclude.length > 0 ? { exclude } : {}) };
}

const kept = new Set(
  (
    "command args env environment env_vars cwd url httpUrl serverUrl endpoint type transport transportType headers " +
    "http_headers env_http_headers bearer_token_env_var requestInit timeout tool_timeout_sec startup_timeout_sec " +
    "startup_timeout_ms initTimeout includeTools excludeTools enabled_tools disabled_tools disabledTools tools disabled " +
    "enabled name description source isActive required"
  ).split(" "),
);

const approvals = ["autoApprove", "alwaysAllow", "trust", "autoApproveTools", "default_tools_approval_mode"];
const signIns = ["oauth", "auth", "authProviderType", "oauth_resource", "scopes"];

function tellUnkept(config: JsonObject, source: string, { note }: TextContext): void {
  const has = (keys: readonly string[]): string[] => keys.filter((key) => key in config);
  const approved = has(approvals);
  if (approved.length > 0) {
    note(
      "approval-is-the-clients",
      `${approved.join(", ")}: what runs without a question is decided by each client, not by the gateway.`,
    );
  }
  const signIn = has(signIns);
  if (signIn.length > 0) {
    note(
      "sign-in",
      `${signIn.join(", ")}: the client signs in by itself. Give the upstream \`oauth\` or a header with a secret.`,
    );
  }
  const envFile = textOf(config["envFile"] ?? config["env_file"]);
  if (envFile !== undefined) {
    note(
      "env-file",
      `The variables of ${envFile} are not read: name those that ${source} needs in env, as \${secrets.NAME}.`,
    );
  }
  const known = new Set([...kept, ...approvals, ...signIns, "envFile", "env_file"]);
  const unknown = Object.keys(config).filter((key) => !known.has(key));
  if (unknown.length > 0) note("unknown-key", `Not known here and left out: ${unknown.join(", ")}.`);
}
