import { LayeredSecrets } from "../access/layered-secrets.ts";
import { SecretCipher } from "../access/secret-cipher.ts";
import { StoredSecrets } from "../access/stored-secrets.ts";
import { EnvironmentSecrets } from "../adapters/env/secret-source.ts";
import type { LastGoodCopy } from "../adapters/file/last-good-copy.ts";
import type { ControlPlaneLine } from "../adapters/http/control-plane-line.ts";
import { HttpDocumentSource } from "../adapters/http/http-document-source.ts";
import { HttpKeySource } from "../adapters/http/http-key-source.ts";
import { HttpReportReceiver } from "../adapters/http/http-report-receiver.ts";
import { HttpSecretSource } from "../adapters/http/http-secret-source.ts";
import { SqlGatewayRegistry } from "../adapters/sql/sql-gateway-registry.ts";
import { SqlKeyStore } from "../adapters/sql/sql-key-store.ts";
import { SqlSecretStore } from "../adapters/sql/sql-secret-store.ts";
import { StoredConfigReader } from "../adapters/yaml/stored-config-reader.ts";
import type { ConfigReader, TenantSecrets } from "../core/config-source.ts";
import type { ConfigStore } from "../core/config-store.ts";
import type { ReportReceiver } from "../core/gateway-registry.ts";
import type { KeySource } from "../core/key-source.ts";
import type { Log } from "../core/log.ts";
import type { SealedSecretSource } from "../core/secret-store.ts";
import type { Stores } from "./stores.ts";

/** Where a data plane reads, and says what it serves. */
export interface FollowedSources {
  readonly documents: Pick<ConfigStore, "changesSince">;
  readonly secrets: SealedSecretSource;
  readonly keys: KeySource;
  readonly registry: ReportReceiver;
}

/** Straight from open stores. */
export function storeSources({ documents, database }: Stores): FollowedSources {
  return {
    documents,
    secrets: new SqlSecretStore(database, Date.now),
    keys: new SqlKeyStore(database),
    registry: new SqlGatewayRegistry(database, Date.now),
  };
}

/** Through an apiserver. @param line closed by the caller, after the gateway */
export function apiserverSources(line: ControlPlaneLine): FollowedSources {
  return {
    documents: new HttpDocumentSource(line),
    secrets: new HttpSecretSource(line),
    keys: new HttpKeySource(line),
    registry: new HttpReportReceiver(line),
  };
}

/** The same, with a copy on disk for a start while nothing answers. */
export function withCopy(sources: FollowedSources, copy: LastGoodCopy): FollowedSources {
  const { documents, secrets, keys, registry } = sources;
  return { documents: copy.documents(documents), secrets: copy.secrets(secrets), keys: copy.keys(keys), registry };
}

export interface FollowOptions {
  readonly encryptionKeys: readonly Buffer[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly secretsDir: string | undefined;
  /** Folder that relative paths of documents start from. */
  readonly baseDirectory?: string | undefined;
  readonly log: Log;
}

/** What a data plane takes from its sources. */
export interface FollowedStore {
  readonly reader: ConfigReader;
  /** Stored secrets before those of the environment; each tenant sees its own. */
  readonly secrets: TenantSecrets;
  readonly keySource: KeySource;
  readonly registry: ReportReceiver;
}

export function follow(sources: FollowedSources, options: FollowOptions): FollowedStore {
  return {
    reader: new StoredConfigReader({
      store: sources.documents,
      clock: () => performance.now(),
      baseDirectory: options.baseDirectory,
    }),
    secrets: tenantSecrets(sources.secrets, options),
    keySource: sources.keys,
    registry: sources.registry,
  };
}

/** Stored secrets, and below them those of the environment that carry the tenant's name. */
export function tenantSecrets(
  source: SealedSecretSource,
  options: Omit<FollowOptions, "baseDirectory">,
): TenantSecrets {
  const { encryptionKeys, environment, secretsDir: directory, log } = options;
  const stored = new StoredSecrets({ source, cipher: new SecretCipher(encryptionKeys), log });
  return new LayeredSecrets([stored, new EnvironmentSecrets({ environment, directory })]);
}
