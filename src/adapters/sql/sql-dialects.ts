import { type Dialect, MysqlDialect, PostgresDialect } from "kysely";
import { AppError } from "../../core/errors.ts";
import { mysqlPool } from "./mysql-pool.ts";
import { postgresPool } from "./postgres-pool.ts";
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
  return {
    dialect: new PostgresDialect({ pool: postgresPool(address) }),
    traits: { kind: "postgres", longText: "text", tableSuffix: "", byteOrder: 'collate "C"', locksRows: true },
    label: `postgres://${url.host}${url.pathname}`,
  };
}

function mysqlTarget(url: URL): SqlTarget {
  return {
    dialect: new MysqlDialect({ pool: mysqlPool(url) }),
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
