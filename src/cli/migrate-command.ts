import { migrate, pendingMigrations } from "../adapters/sql/migrate.ts";
import { reachDatabase } from "../compose/stores.ts";
import { exitCodes } from "./exit-codes.ts";
import { listening } from "./gateway-command.ts";
import type { Terminal } from "./terminal.ts";

export interface MigrateOptions {
  /** `sqlite:FILE`, `postgres://…` or `mysql://…`. */
  readonly address: string;
  /** Tell only. */
  readonly dryRun: boolean;
}

/** `passerelle migrate`: brings a schema up to date, or tells what that would do. Answers the exit code. */
export async function runMigrate({ address, dryRun }: MigrateOptions, terminal: Terminal): Promise<number> {
  const database = await listening(reachDatabase(address));
  try {
    const { applied, pending } = await listening(dryRun ? pendingMigrations(database) : migrate(database));
    for (const step of pending) terminal.write(`${dryRun ? "would make" : "made"} ${step}\n`);
    const verdict = pending.length === 0 ? "is up to date" : dryRun ? "was not changed" : "is up to date now";
    terminal.write(`${database.label} ${verdict}: ${applied.length} steps before, ${pending.length} now.\n`);
    return exitCodes.ok;
  } finally {
    await database.close();
  }
}
