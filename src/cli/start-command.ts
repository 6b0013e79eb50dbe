import { TextConfigReader } from "../adapters/yaml/text-config-reader.ts";
import { type JointProcess, startJointProcess } from "../compose/joint-process.ts";
import { type DemoBackend, startDemoBackend } from "../demo/backend.ts";
import { demoDocument } from "../demo/demo-document.ts";
import type { Settings } from "../settings.ts";
import { programVersion } from "../version.ts";
import { letYoungGenerationGrow } from "../young-generation.ts";
import { encryptionKeys } from "./encryption-keys.ts";
import { listening, serve, settle } from "./gateway-command.ts";
import { readDocuments } from "./read-documents.ts";
import type { Terminal } from "./terminal.ts";
import { welcomeText } from "./welcome.ts";

/** Somebody tries the program out: its own lines come first, a line per call would bury them. */
const defaults = { logLevel: "warn", accessLog: "errors", logFormat: "pretty", stateDir: ".passerelle" } as const;

/** `passerelle start`: both planes with the demo server, and own documents besides. Answers the exit code. */
export async function runStart(flags: Readonly<Record<string, unknown>>, terminal: Terminal): Promise<number> {
  const settings = settle(flags, terminal, defaults);
  const shop = await startDemoBackend();
  try {
    const joint = await startWithDemo(settings, shop, terminal);
    letYoungGenerationGrow();
    terminal.write(await welcome(joint, shop, settings, terminal));
    return await serve({ reload: () => joint.gateway.reload(), close: () => joint.close() }, terminal);
  } finally {
    await shop.close();
  }
}

async function startWithDemo(settings: Settings, shop: DemoBackend, terminal: Terminal): Promise<JointProcess> {
  const demo = { name: "demo.yaml", text: demoDocument(shop.url), baseDirectory: process.cwd() };
  const { environment } = terminal;
  const parts = { settings, encryptionKeys: await encryptionKeys(settings), environment };
  return listening(startJointProcess(parts, [new TextConfigReader(demo)]));
}

async function welcome(
  { gateway, apiserver }: JointProcess,
  shop: DemoBackend,
  settings: Settings,
  terminal: Terminal,
): Promise<string> {
  const { documents } = await readDocuments(settings.config);
  const routes = documents.flatMap(({ document }) => document?.routes ?? []);
  const { firstAdministrator: first } = apiserver;
  return welcomeText(
    {
      version: programVersion(),
      server: "shop-demo",
      endpoint: `${gateway.url}/demo/mcp`,
      endpoints: routes.map(({ prefix }) => `${gateway.url}${prefix}/mcp`),
      operations: gateway.opsUrl,
      shop: shop.url,
      api: apiserver.url,
      setup: first.kind === "link" ? first.url : undefined,
    },
    terminal,
  );
}
