import { EnvironmentSecrets } from "../adapters/env/secret-source.ts";
import { WatchNotifier } from "../adapters/yaml/watch-notifier.ts";
import { YamlConfigReader } from "../adapters/yaml/yaml-config-reader.ts";
import { sameForAll } from "../core/config-source.ts";
import type { ProcessParts } from "./process-parts.ts";
import { type RunningGateway, startGateway } from "./gateway.ts";

/** Starts a data plane over files alone: nobody writes them but their operator, who may use every secret. */
export function startFileGateway({
  settings,
  environment,
}: Omit<ProcessParts, "encryptionKeys">): Promise<RunningGateway> {
  return startGateway({
    settings,
    reader: new YamlConfigReader(settings.config),
    notifiers: [new WatchNotifier(settings.config)],
    secrets: sameForAll(new EnvironmentSecrets({ environment, directory: settings.secretsDir })),
  });
}
