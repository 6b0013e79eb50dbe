import type { ImportFlags } from "./import-options.ts";

export interface OpenApiFlags extends ImportFlags {
  readonly baseUrl?: string;
  readonly all: boolean;
  readonly tag?: readonly string[];
  readonly path?: readonly string[];
  readonly method?: readonly string[];
  readonly operation?: readonly string[];
  readonly excludeTag?: readonly string[];
  readonly excludePath?: readonly string[];
  readonly excludeMethod?: readonly string[];
  readonly excludeOperation?: readonly string[];
  readonly excludeDeprecated: boolean;
  readonly overlay?: readonly string[];
  readonly header?: readonly string[];
  readonly allowPrivate?: readonly string[];
  readonly folder?: string;
  readonly maxDescription?: string;
  readonly dryRun: boolean;
  readonly theirs: boolean;
  readonly restoreRemoved: boolean;
}
