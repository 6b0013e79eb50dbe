import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from "kysely";
import pg from "pg";
import { sqlLimits } from "./sql-limits.ts";

const int8 = pg.types.builtins.INT8;

/** Connections to PostgreSQL. One that gave no answer in time is not used again. */
export function postgresPool(address: string): PostgresPool {
  const pool = new pg.Pool({
    connectionString: address,
    max: sqlLimits.connections,
    connectionTimeoutMillis: sqlLimits.connectMs,
    query_timeout: sqlLimits.statementMs,
    statement_timeout: sqlLimits.statementMs,
    // What a client has locked that went away silently is free again after this.
    idle_in_transaction_session_timeout: sqlLimits.idleTransactionMs,
    keepAlive: true,
    application_name: "passerelle",
    types: { getTypeParser: readType },
  });
  // A connection that breaks while nobody uses it is replaced; the next statement tells when it cannot be.
  pool.on("error", () => undefined);
  return {
    connect: async () => guardClient(await pool.connect()),
    end: () => pool.end(),
  };
}

/** Times and revisions are 64-bit integers below 2^53. */
function readType(...[oid, format]: Parameters<typeof pg.types.getTypeParser>): (value: string) => unknown {
  return oid === int8 ? Number : pg.types.getTypeParser(oid, format);
}

function guardClient(client: pg.PoolClient): PostgresPoolClient {
  let failure: unknown;
  const query = async (sql: string, parameters: readonly unknown[]): Promise<unknown> => {
    if (failure !== undefined) throw failure;
    try {
      return await client.query(sql, [...parameters]);
    } catch (error) {
      // Whatever is no answer of the server leaves a connection of which nobody knows what comes next.
      if (!(error instanceof pg.DatabaseError)) failure = error;
      throw error;
    }
  };
  return {
    // Kysely's overload for cursors is for streams, which are not used.
    query: query as PostgresPoolClient["query"] & (<R>(sql: string) => Promise<PostgresQueryResult<R>>),
    release: () => client.release(failure !== undefined),
  };
}
