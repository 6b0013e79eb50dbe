import { EnvironmentSecrets } from "../adapters/env/secret-source.ts";
import { sameForAll, type TenantSecrets } from "../core/config-source.ts";
import { settingOptions } from "../settings-options.ts";
import type { Terminal } from "./terminal.ts";

/** The secrets that a command without settings sees: of the environment, and of the folder that it or a flag names. */
export function commandSecrets({ environment }: Terminal, directory: string | undefined): TenantSecrets {
  return sameForAll(
    new EnvironmentSecrets({
      environment,
      directory: directory ?? environment[settingOptions.secretsDir.environment],
    }),
  );
}
