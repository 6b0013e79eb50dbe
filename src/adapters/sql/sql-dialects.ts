import { createPool } from "mysql2";
import { type Dialect, MysqlDialect, PostgresDialect } from "kysely";
import pg from "pg";
import { AppError } from "../../core/errors.ts";
import { SqliteFileDialect } from "./sqlite-dialect.ts";

/** What the three databases do differently, as facts instead of names. */
export interface SqlTraits {
  readonly kind: "sqlite" | "postgres" | "mysql";
  /** Type of a text that may be long. */
  readonly longText: "text" | "longtext";
  /** After the closing bracket of `create table`; names compare byte by byte everywhere. */
  readonly tableSuffix: string;
  /** After the type of a column whose texts are sorted byte by byte. */
  readonly byteOrder: string;
  /** A select can lock the rows that it reads; where it cannot, a transaction has the database alone. */
  readonly locksRows: boolean;
}

export interface SqlTarget {
  readonly dialect: Dialect;
  readonly traits: SqlTraits;
  /** For people: the address without user and password. */
  readonly label: string;
}

/** How long opening a connection may take. */
const connectTimeoutMs = 5_000;
/** How long one statement may take. */
const statementTimeoutMs = 10_000;
const maxConnections = 10;

/**
 * A database by its address: `sqlite:PATH`, `postgres://…` or `mysql://…`. Connects to nothing yet.
 *
 * @throws AppError `invalid_configuration` for another address
 */
export function sqlTarget(address: string): SqlTarget {
  if (address.startsWith("sqlite:")) return sqliteTarget(address.slice("sqlite:".length).replace(/^\/\/(?=\/)/, ""));
  const url = URL.canParse(address) ? new URL(address) : undefined;
  switch (url?.protocol) {
    case "postgres:":
    case "postgresql:":
      return postgresTarget(address, url);
    case "mysql:":
    case "mariadb:":
      return mysqlTarget(url);
    default:
      throw new AppError(
        "invalid_configuration",
        "A database is given as sqlite:PATH, postgres://USER@HOST/NAME or mysql://USER@HOST/NAME.",
      );
  }
}

function sqliteTarget(path: string): SqlTarget {
  return {
    dialect: new SqliteFileDialect(path),
    traits: { kind: "sqlite", longText: "text", tableSuffix: "", byteOrder: "", locksRows: false },
    label: `sqlite:${path}`,
  };
}

function postgresTarget(address: string, url: URL): SqlTarget {
  const pool = new pg.Pool({
    connectionString: address,
    max: maxConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: statementTimeoutMs,
    statement_timeout: statementTimeoutMs,
    keepAlive: true,
    application_name: "passerelle",
    types: { getTypeParser: readType },
  });
  // A connection that breaks while nobody uses it is replaced; the next statement tells when it cannot be.
  pool.on("error", () => undefined);
  return {
    dialect: new PostgresDialect({ pool }),
    traits: { kind: "postgres", longText: "text", tableSuffix: "", byteOrder: 'collate "C"', locksRows: true },
    label: `postgres://${url.host}${url.pathname}`,
  };
}

const int8 = pg.types.builtins.INT8;

/** Times and revisions are 64-bit integers below 2^53. */
function readType(...[oid, format]: Parameters<typeof pg.types.getTypeParser>): (value: string) => unknown {
  return oid === int8 ? Number : pg.types.getTypeParser(oid, format);
}

function mysqlTarget(url: URL): SqlTarget {
  const pool = createPool({
    host: url.hostname,
    port: url.port === "" ? 3306 : Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    connectionLimit: maxConnections,
    connectTimeout: connectTimeoutMs,
    enableKeepAlive: true,
    charset: "utf8mb4_bin",
    ...(url.searchParams.get("ssl") === "true" ? { ssl: {} } : {}),
  });
  return {
    dialect: new MysqlDialect({ pool }),
    traits: {
      kind: "mysql",
      longText: "longtext",
      tableSuffix: "character set utf8mb4 collate utf8mb4_bin",
      byteOrder: "",
      locksRows: true,
    },
    label: `mysql://${url.host}${url.pathname}`,
  };
}
