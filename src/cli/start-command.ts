import { EnvironmentSecrets } from "../adapters/env/secret-source.ts";
import { sameForAll } from "../core/config-source.ts";
import { JoinedConfigReader } from "../adapters/memory/joined-config-reader.ts";
import { TextConfigReader } from "../adapters/yaml/text-config-reader.ts";
import { WatchNotifier } from "../adapters/yaml/watch-notifier.ts";
import { YamlConfigReader } from "../adapters/yaml/yaml-config-reader.ts";
import { type RunningGateway, startGateway } from "../compose/gateway.ts";
import { type DemoBackend, startDemoBackend } from "../demo/backend.ts";
import { demoDocument } from "../demo/demo-document.ts";
import type { Settings } from "../settings.ts";
import { programVersion } from "../version.ts";
import { listening, serve, settle } from "./gateway-command.ts";
import { readDocuments } from "./read-documents.ts";
import type { Terminal } from "./terminal.ts";
import { welcomeText } from "./welcome.ts";
import { letYoungGenerationGrow } from "../young-generation.ts";

/** Somebody tries the program out: its own lines come first, a line per call would bury them. */
const defaults = { logLevel: "warn", accessLog: "errors", logFormat: "pretty" } as const;

/** `passerelle start`: a gateway with the demo server, and own documents besides. Answers the exit code. */
export async function runStart(flags: Readonly<Record<string, unknown>>, terminal: Terminal): Promise<number> {
  const settings = settle(flags, terminal, defaults);
  const shop = await startDemoBackend();
  try {
    const gateway = await startWithDemo(settings, shop, terminal);
    letYoungGenerationGrow();
    terminal.write(await welcome(gateway, shop, settings, terminal));
    return await serve(gateway, terminal);
  } finally {
    await shop.close();
  }
}

function startWithDemo(settings: Settings, shop: DemoBackend, terminal: Terminal): Promise<RunningGateway> {
  const demo = { name: "demo.yaml", text: demoDocument(shop.url), baseDirectory: process.cwd() };
  const readers = [new TextConfigReader(demo), new YamlConfigReader(settings.config)];
  return listening(
    startGateway({
      settings,
      reader: new JoinedConfigReader(readers),
      notifiers: settings.config.length === 0 ? [] : [new WatchNotifier(settings.config)],
      secrets: sameForAll(
        new EnvironmentSecrets({ environment: terminal.environment, directory: settings.secretsDir }),
      ),
    }),
  );
}

async function welcome(
  gateway: RunningGateway,
  shop: DemoBackend,
  settings: Settings,
  terminal: Terminal,
): Promise<string> {
  const { documents } = await readDocuments(settings.config);
  const routes = documents.flatMap(({ document }) => document?.routes ?? []);
  return welcomeText(
    {
      version: programVersion(),
      server: "shop-demo",
      endpoint: `${gateway.url}/demo/mcp`,
      endpoints: routes.map(({ prefix }) => `${gateway.url}${prefix}/mcp`),
      operations: gateway.opsUrl,
      shop: shop.url,
    },
    terminal,
  );
}
