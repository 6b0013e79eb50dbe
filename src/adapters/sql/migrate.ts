import { type Migration, Migrator } from "kysely";
import { AppError } from "../../core/errors.ts";
import { migrationSteps } from "./migrations/migration-steps.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { translateError } from "./sql-errors.ts";

/** What a run did, or would do. */
export interface MigrationReport {
  /** Names of steps that the database had already. */
  readonly applied: readonly string[];
  /** Names of steps that this run made, or that the next one would make. */
  readonly pending: readonly string[];
}

/**
 * Brings the schema to what this program knows. When several processes start together one does the work and the others
 * wait for it.
 *
 * @throws AppError `invalid_configuration` when the schema is newer than this program, `unavailable` when the database
 *   does not answer
 */
export async function migrate(database: SqlDatabase): Promise<MigrationReport> {
  const first = await pendingMigrations(database);
  let { pending } = first;
  for (const giveUpAt = performance.now() + patienceMs; pending.length > 0; ) {
    const { error } = await migratorOf(database).migrateToLatest();
    if (error === undefined) break;
    const known = translateError(error);
    const isWaiting = known instanceof AppError && known.code === "unavailable" && performance.now() < giveUpAt;
    if (!isWaiting) throw known;
    // Whoever waits longer for another process than a statement may take looks again what is left to do.
    ({ pending } = await pendingMigrations(database));
  }
  return first;
}

/** How long another process may take with the schema. */
const patienceMs = 600_000;

/** What `migrate` would do; changes nothing. Throws as it does. */
export async function pendingMigrations(database: SqlDatabase): Promise<MigrationReport> {
  try {
    const applied = await appliedSteps(database);
    const known = migrationSteps.map(({ name }) => name);
    const foreign = applied.filter((name) => !known.includes(name));
    if (foreign.length > 0) {
      throw new AppError(
        "invalid_configuration",
        `The schema of ${database.label} is newer than this program: it has ${foreign.join(", ")}. Start a program of the same version or newer.`,
      );
    }
    return { applied, pending: known.filter((name) => !applied.includes(name)) };
  } catch (error) {
    throw translateError(error);
  }
}

const table = "schema_migrations";

async function appliedSteps(database: SqlDatabase): Promise<string[]> {
  const tables = await database.kysely.introspection.getTables();
  if (!tables.some(({ name }) => name === table)) return [];
  const rows = await database.kysely.selectFrom(table).select("name").execute();
  return rows.map(({ name }) => name).sort();
}

function migratorOf({ kysely, traits }: SqlDatabase): Migrator {
  const migrations = Object.fromEntries(
    migrationSteps.map((step): [string, Migration] => [step.name, { up: (db) => step.up({ db, traits }) }]),
  );
  return new Migrator({
    db: kysely,
    provider: { getMigrations: async () => migrations },
    migrationTableName: table,
    migrationLockTableName: `${table}_lock`,
  });
}
