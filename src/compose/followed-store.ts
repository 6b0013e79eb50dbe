import { LayeredSecrets } from "../access/layered-secrets.ts";
import { SecretCipher } from "../access/secret-cipher.ts";
import { StoredSecrets } from "../access/stored-secrets.ts";
import { EnvironmentSecrets } from "../adapters/env/secret-source.ts";
import { SqlGatewayRegistry } from "../adapters/sql/sql-gateway-registry.ts";
import { SqlKeyStore } from "../adapters/sql/sql-key-store.ts";
import { SqlSecretStore } from "../adapters/sql/sql-secret-store.ts";
import { StoredConfigReader } from "../adapters/yaml/stored-config-reader.ts";
import type { ConfigReader, TenantSecrets } from "../core/config-source.ts";
import type { KeySource } from "../core/key-source.ts";
import type { Log } from "../core/log.ts";
import type { ReportReceiver } from "../core/gateway-registry.ts";
import { folderOf, isFolder, type Stores } from "./stores.ts";

export interface FollowOptions {
  readonly stores: Stores;
  /** Address of the documents' store. */
  readonly store: string;
  readonly encryptionKeys: readonly Buffer[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly secretsDir: string | undefined;
  readonly log: Log;
}

/** What a data plane takes from a store. */
export interface FollowedStore {
  readonly reader: ConfigReader;
  /** Stored secrets before those of the environment; each tenant sees its own. */
  readonly secrets: TenantSecrets;
  readonly keySource: KeySource;
  readonly registry: ReportReceiver;
}

/** The parts of a data plane that reads everything from open stores; they are closed after it. */
export function followStore(options: FollowOptions): FollowedStore {
  const { stores, store, encryptionKeys, environment, secretsDir: directory, log } = options;
  const { database, documents } = stores;
  const stored = new StoredSecrets({
    source: new SqlSecretStore(database, Date.now),
    cipher: new SecretCipher(encryptionKeys),
    log,
  });
  return {
    reader: new StoredConfigReader({
      store: documents,
      clock: () => performance.now(),
      baseDirectory: isFolder(store) ? folderOf(store) : undefined,
    }),
    secrets: new LayeredSecrets([stored, new EnvironmentSecrets({ environment, directory })]),
    keySource: new SqlKeyStore(database),
    registry: new SqlGatewayRegistry(database, Date.now),
  };
}
