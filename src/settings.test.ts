import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { resolveSettings, type SettingsSources } from "./settings.ts";

function resolve(sources: Partial<SettingsSources> & { files?: Record<string, string> }) {
  const { files = {}, ...rest } = sources;
  return resolveSettings({
    flags: {},
    environment: {},
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
      return text;
    },
    ...rest,
  });
}

function settingsOf(...args: Parameters<typeof resolve>) {
  const result = resolve(...args);
  if (result.kind === "problems") throw new Error(result.problems.join("\n"));
  return result.settings;
}

function problemsOf(...args: Parameters<typeof resolve>): readonly string[] {
  const result = resolve(...args);
  return result.kind === "problems" ? result.problems : [];
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

test("without anything the defaults hold, and they are frozen", () => {
  const settings = settingsOf({});
  expect(settings).toMatchObject({ host: "127.0.0.1", port: 5235, opsPort: 5236, config: [], drainMs: 30_000 });
  expect(Object.isFrozen(settings)).toBe(true);
});

test("flags win over the environment, the environment over the settings file", () => {
  const settings = settingsOf({
    flags: { settings: "/etc/p.yaml", port: "1" },
    environment: { PASSERELLE_PORT: "2", PASSERELLE_HOST: "::1" },
    files: { "/etc/p.yaml": "port: 3\nhost: 0.0.0.0\ndrainMs: 5\n" },
  });
  expect(settings).toMatchObject({ port: 1, host: "::1", drainMs: 5 });
});

test("lists come from repeated flags, commas of a variable and lists of the file", () => {
  expect(settingsOf({ flags: { config: ["a", "b"] } }).config).toEqual(["a", "b"]);
  expect(settingsOf({ environment: { PASSERELLE_CONFIG: "a, b" } }).config).toEqual(["a", "b"]);
  const file = { "conf/p.yaml": "config: [servers, /srv/x]\nallowedHosts: MCP.example\n" };
  const settings = settingsOf({ environment: { PASSERELLE_SETTINGS: "conf/p.yaml" }, files: file });
  expect(settings.config).toEqual([`${process.cwd()}/conf/servers`, "/srv/x"]);
  expect(settings.allowedHosts).toEqual(["mcp.example"]);
});

test("API keys are kept as hashes, from variables, files and hashes", () => {
  const key = "k".repeat(16);
  const expected = [{ name: "ci", sha256: sha256(key) }];
  expect(settingsOf({ environment: { PASSERELLE_API_KEYS: `ci=${key}` } }).apiKeys).toEqual(expected);
  expect(settingsOf({ flags: { apiKeys: [`ci=sha256:${sha256(key).toUpperCase()}`] } }).apiKeys).toEqual(expected);
  const keyFile = { "/run/keys": `# keys of the company\nci=${key}\n\nlaptop=${"l".repeat(20)}\n` };
  const fromFile = settingsOf({ environment: { PASSERELLE_API_KEYS_FILE: "/run/keys" }, files: keyFile });
  expect(fromFile.apiKeys.map(({ name }) => name)).toEqual(["ci", "laptop"]);
  expect(JSON.stringify(fromFile)).not.toContain(key);
});

test("the operations port can be closed", () => {
  expect(settingsOf({ flags: { opsPort: "off" } }).opsPort).toBe("off");
  expect(settingsOf({ flags: { settings: "p" }, files: { p: "opsPort: off" } }).opsPort).toBe("off");
});

test("what Kubernetes sets for a Service called passerelle is no port", () => {
  expect(settingsOf({ environment: { PASSERELLE_PORT: "tcp://10.0.0.1:5235" } }).port).toBe(5235);
});

test("every problem is told at once, with the place it was written at", () => {
  const problems = problemsOf({
    flags: { port: "80000", settings: "p.yaml" },
    environment: { PASSERELLE_LOG_LEVEL: "inof", PASSERELLE_PUBLIC_URL: "ftp://x" },
    files: { "p.yaml": "prot: 1\naccessLogSample: 2\ndrainMs: {}\n" },
  });
  expect(problems).toEqual([
    'p.yaml: unknown key "prot"; did you mean "port"?',
    "drainMs in p.yaml: must be a text, a number or a list of them",
    '--port: must be a whole number from 0 to 65535, not "80000"',
    'PASSERELLE_PUBLIC_URL: must be an http: or https: URL without user, query and fragment, not "ftp://x"',
    'PASSERELLE_LOG_LEVEL: must be one of debug, info, warn, error, silent, not "inof"; did you mean "info"?',
    'accessLogSample in p.yaml: must be a number from 0 to 1, not "2"',
  ]);
});

test("a settings file that is missing or broken is a problem", () => {
  expect(problemsOf({ flags: { settings: "p.yaml" } })).toEqual(["--settings: cannot read p.yaml (ENOENT)"]);
  expect(problemsOf({ flags: { settings: "p.yaml" }, files: { "p.yaml": "a: 1\n\tb: 2" } })).toEqual([
    "p.yaml:2: not valid YAML: tab characters must not be used in indentation",
  ]);
});

test("a problem with a key never shows the key", () => {
  const [problem] = problemsOf({ environment: { PASSERELLE_API_KEYS: "ci=hunter2" } });
  expect(problem).toBe("PASSERELLE_API_KEYS: key ci must have at least 16 characters");
});
