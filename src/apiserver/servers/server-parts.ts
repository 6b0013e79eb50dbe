import type { AuditLog } from "../../core/audit-log.ts";
import type { ChangeAnnouncer } from "../../core/change-feed.ts";
import type { ConfigStore } from "../../core/config-store.ts";
import type { DocumentJudge } from "../../core/document-judge.ts";
import type { ImportStore } from "../../core/import-store.ts";
import type { Log } from "../../core/log.ts";
import type { DocumentIndex } from "./document-index.ts";

/** What the servers of a tenant depend on of it. */
export interface ServersTenant {
  /** Every route of its servers lies below; undefined when they may lie anywhere. */
  readonly prefix?: string | undefined;
}

/** What the operations on servers work with. */
export interface ServerParts {
  readonly documents: ConfigStore;
  /** Over `documents`. */
  readonly index: DocumentIndex;
  /** What servers were imported from. */
  readonly imports: ImportStore;
  readonly judge: DocumentJudge;
  /** Undefined when there is no such tenant. */
  readonly findTenant: (tenant: string) => Promise<ServersTenant | undefined>;
  readonly announcer: ChangeAnnouncer;
  readonly audit: AuditLog;
  readonly log: Log;
}
