import { PasswordHasher } from "../access/password-hasher.ts";
import { SecretCipher } from "../access/secret-cipher.ts";
import { MemoryPinStore } from "../adapters/memory/memory-pin-store.ts";
import { SqlAuditLog } from "../adapters/sql/sql-audit-log.ts";
import { SqlConversationStore } from "../adapters/sql/sql-conversation-store.ts";
import { SqlCredentialStore } from "../adapters/sql/sql-credential-store.ts";
import { SqlGatewayRegistry } from "../adapters/sql/sql-gateway-registry.ts";
import { SqlIdempotencyStore } from "../adapters/sql/sql-idempotency-store.ts";
import { SqlImportStore } from "../adapters/sql/sql-import-store.ts";
import { SqlKeyStore } from "../adapters/sql/sql-key-store.ts";
import { SqlLinkStore } from "../adapters/sql/sql-link-store.ts";
import { SqlSecretStore } from "../adapters/sql/sql-secret-store.ts";
import { SqlSettingStore } from "../adapters/sql/sql-setting-store.ts";
import { SqlSignInStore } from "../adapters/sql/sql-sign-in-store.ts";
import { SqlTenantStore } from "../adapters/sql/sql-tenant-store.ts";
import { SqlThrottleStore } from "../adapters/sql/sql-throttle-store.ts";
import { SqlUserStore } from "../adapters/sql/sql-user-store.ts";
import { readDocumentText } from "../adapters/yaml/read-document-text.ts";
import { ConversationSweeper } from "../apiserver/conversations/conversation-sweeper.ts";
import { gatewayCheck } from "../apiserver/gateway-token.ts";
import { ImportQueue } from "../apiserver/imports/import-queue.ts";
import { type ApiParts, apiOperations } from "../apiserver/operations/api-operations.ts";
import { Pruner } from "../apiserver/pruner.ts";
import { type RunningApiserver, runApiserver } from "../apiserver/run-apiserver.ts";
import { DocumentIndex } from "../apiserver/servers/document-index.ts";
import { serversNaming } from "../apiserver/servers/servers-naming.ts";
import { callerAuthenticator } from "../apiserver/sign-in/authenticate-caller.ts";
import { ensureFirstAdministrator, type FirstAdministrator } from "../apiserver/sign-in/first-administrator.ts";
import { FlowCookie } from "../apiserver/sign-in/providers/flow-cookie.ts";
import { makeProviders } from "../apiserver/sign-in/providers/make-providers.ts";
import type { ProviderParts } from "../apiserver/operations/provider-operations.ts";
import type { ChangeAnnouncer } from "../core/change-feed.ts";
import type { TenantSecrets } from "../core/config-source.ts";
import { CompilingJudge } from "../gateway/compile/document-judge.ts";
import type { RunningGateway } from "../gateway/run-gateway.ts";
import { CompilingPreviewer } from "../gateway/trial/server-previewer.ts";
import { WarmToolRunner } from "../gateway/trial/warm-tool-runner.ts";
import type { Settings } from "../settings.ts";
import type { Telemetry } from "../telemetry.ts";
import { NetworkProber } from "../upstreams/probe/upstream-prober.ts";
import { programVersion } from "../version.ts";
import { WorkerCompiler } from "./openapi/description-compiler.ts";
import type { Stores } from "./stores.ts";
import { readUnlaSource } from "./unla-source.ts";

export interface ApiserverParts {
  readonly settings: Settings;
  /** The first seals, the others open too; at least one. */
  readonly encryptionKeys: readonly Buffer[];
  /** Closed by whoever opened them, after the apiserver. */
  readonly stores: Stores;
  readonly announcer: ChangeAnnouncer;
  /** As gateways have them: what documents may name without a warning. */
  readonly secrets: TenantSecrets;
  readonly telemetry: Pick<Telemetry, "log" | "writeLines">;
  /** Gateways of this process: what their upstreams offer is known without asking. */
  readonly running?: readonly RunningGateway["upstreams"][];
}

export interface StartedApiserver extends RunningApiserver {
  /** How the first administrator comes to be; told when it started. */
  readonly firstAdministrator: FirstAdministrator;
}

/** Starts a control plane from its parts. The caller closes it, then the parts. */
export async function startApiserver(parts: ApiserverParts): Promise<StartedApiserver> {
  const { settings, stores, telemetry } = parts;
  const { database, documents } = stores;
  const { log } = telemetry;
  let url = settings.apiUrl;
  const trial = trialParts(parts);
  const audit = new SqlAuditLog(database);
  const idempotency = new SqlIdempotencyStore(database, Date.now);
  const people = peopleParts(parts, audit, () => url ?? "");
  const settingStore = new SqlSettingStore(database, Date.now);
  const api = apiParts(parts, people, settingStore, trial);
  const running = await runApiserver({
    host: settings.apiHost,
    port: settings.apiPort,
    publicUrl: settings.apiUrl,
    allowedHosts: settings.allowedHosts,
    trustedProxies: settings.trustedProxies,
    drainMs: settings.drainMs,
    accessLog: settings.accessLog,
    operations: apiOperations(api),
    authenticate: callerAuthenticator(people),
    ...(settings.gatewayToken === undefined ? {} : { isGateway: gatewayCheck(settings.gatewayToken) }),
    idempotency,
    dependencies: [
      { name: "documents", check: () => documents.list({ limit: 1 }) },
      { name: "accounts", check: () => people.users.isEmpty() },
    ],
    version: programVersion(),
    log,
    writeLines: telemetry.writeLines,
  });
  url = running.url;
  const pruner = new Pruner({ settings: settingStore, documents, audit, idempotency, people, now: Date.now, log });
  pruner.start();
  const sweeper = new ConversationSweeper({ ...api.conversations, log });
  sweeper.start();
  const close = async (): Promise<void> => {
    await running.close();
    await trial.runner.close();
    await pruner.close();
    await sweeper.close();
  };
  try {
    return { ...running, close, firstAdministrator: await ensureFirstAdministrator(people, settings) };
  } catch (error) {
    await close();
    throw error;
  }
}

function peopleParts(parts: ApiserverParts, audit: SqlAuditLog, publicUrl: () => string): ProviderParts {
  const { settings, encryptionKeys, announcer, telemetry } = parts;
  const { database } = parts.stores;
  const [sealingKey = Buffer.alloc(0)] = encryptionKeys;
  return {
    tenants: new SqlTenantStore(database),
    users: new SqlUserStore(database),
    credentials: new SqlCredentialStore(database),
    signIns: new SqlSignInStore(database),
    links: new SqlLinkStore(database),
    throttles: new SqlThrottleStore(database),
    keys: new SqlKeyStore(database),
    audit,
    announcer,
    hasher: new PasswordHasher(),
    cipher: new SecretCipher(encryptionKeys),
    site: { publicUrl },
    now: Date.now,
    providers: makeProviders(settings),
    newcomers: settings.signInNewcomers,
    flowCookie: new FlowCookie(sealingKey),
    log: telemetry.log,
  };
}

function apiParts(parts: ApiserverParts, people: ProviderParts, settings: SqlSettingStore, trial: Trial): ApiParts {
  const { stores, announcer, encryptionKeys, telemetry } = parts;
  const { documents, database } = stores;
  const { audit, tenants, now } = people;
  const secrets = new SqlSecretStore(database, now);
  const registry = new SqlGatewayRegistry(database, now);
  const index = new DocumentIndex(documents);
  // The first look reads everything: nobody's first save is to wait for it.
  index.refresh().catch((error: unknown) => telemetry.log.warn("documents were not looked at yet", { error }));
  const findTenant: (tenant: string) => ReturnType<typeof tenants.get> = (tenant) => tenants.get(tenant);
  const contentsOf = async (tenant: string): Promise<string | undefined> => {
    const { items } = await documents.list({ tenants: [tenant], limit: 1 });
    if (items.length > 0) return "servers";
    return (await secrets.list(tenant)).length > 0 ? "secrets" : undefined;
  };
  const judge = new CompilingJudge({ read: readDocumentText, secrets: parts.secrets });
  return {
    people,
    tenants: { ...people, contentsOf },
    servers: {
      documents,
      index,
      judge,
      findTenant,
      announcer,
      audit,
      log: telemetry.log,
      imports: new SqlImportStore(database),
      compiler: new WorkerCompiler(parts.settings.importAllow),
      queue: new ImportQueue(),
      readUnla: readUnlaSource,
      now,
    },
    secrets: {
      secrets,
      cipher: new SecretCipher(encryptionKeys),
      announcer,
      audit,
      findTenant,
      usedBy: (tenant, name) => serversNaming(documents, tenant, name),
    },
    gateways: { gateways: registry, index, announcer, audit, now },
    settings: { settings, audit },
    trial: { ...trial, documents, audit },
    conversations: { conversations: new SqlConversationStore(database, now), audit, now },
    feed: { documents, secrets, keys: new SqlKeyStore(database), registry },
  };
}

/** What tries servers out, through the code of the data plane. */
interface Trial {
  readonly previewer: CompilingPreviewer;
  readonly runner: WarmToolRunner;
  readonly prober: NetworkProber;
}

function trialParts({ stores, secrets, running = [], telemetry }: ApiserverParts): Trial {
  const read = readDocumentText;
  const { documents: store } = stores;
  const runner = new WarmToolRunner({ store, read, secrets, pins: new MemoryPinStore(), log: telemetry.log });
  return {
    runner,
    previewer: new CompilingPreviewer({ read, secrets, running: [...running, runner] }),
    prober: new NetworkProber({ store, read, secrets }),
  };
}
