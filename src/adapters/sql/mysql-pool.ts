import type { MysqlPool, MysqlPoolConnection, MysqlQueryResult } from "kysely";
import { createPool, type PoolConnection } from "mysql2";
import { sqlLimits } from "./sql-limits.ts";

/** Connections to MySQL or MariaDB. One that gave no answer in time is not used again. */
export function mysqlPool(url: URL): MysqlPool {
  const pool = createPool({
    host: url.hostname,
    port: url.port === "" ? 3306 : Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    connectionLimit: sqlLimits.connections,
    connectTimeout: sqlLimits.connectMs,
    maxIdle: 0,
    idleTimeout: sqlLimits.idleMs,
    enableKeepAlive: true,
    charset: "utf8mb4_bin",
    ...(url.searchParams.get("ssl") === "true" ? { ssl: {} } : {}),
  });
  pool.on("connection", (connection) => {
    // What a client has locked that went away silently is free again after this; idle connections end before.
    connection.query(`set session wait_timeout = ${sqlLimits.idleTransactionMs / 1_000}`);
    // Whoever uses it learns from the statement; otherwise it is replaced.
    connection.on("error", () => undefined);
  });
  return {
    getConnection: (callback) =>
      // With an error there is no connection, and nobody asks it anything.
      pool.getConnection((error, connection) => callback(error, guard(connection))),
    end: (callback) => pool.end(callback),
  };
}

function guard(connection: PoolConnection): MysqlPoolConnection {
  let failure: unknown;
  const query = (
    sql: string,
    values: unknown[],
    callback: (error: unknown, result: MysqlQueryResult) => void,
  ): void => {
    if (failure !== undefined) {
      callback(failure, []);
      return;
    }
    connection.query({ sql, values, timeout: sqlLimits.statementMs }, (error, result) => {
      // Whatever is no answer of the server leaves a connection of which nobody knows what comes next.
      if (error !== null && error.sqlState === undefined) failure = error;
      // Rows or an answer to a change: this program sends one statement at a time.
      callback(error, result as unknown as MysqlQueryResult);
    });
  };
  return {
    // Kysely's overload without a callback is for streams, which are not used.
    query: query as MysqlPoolConnection["query"],
    release: () => {
      if (failure === undefined) connection.release();
      else connection.destroy();
    },
  };
}
