/** What one process may ask of a database, and how long it waits for an answer. */
export const sqlLimits = {
  connections: 10,
  /** Connections that transactions may have at a time; they wait for each other anyway, and reading goes on beside. */
  writers: 5,
  /** Until a connection is open. */
  connectMs: 5_000,
  /** Until one statement is answered. */
  statementMs: 10_000,
  /** How long a connection may have locks and do nothing before the server ends it. */
  idleTransactionMs: 20_000,
  /** A connection that nobody uses is closed after this. */
  idleMs: 10_000,
  /** For one piece of work, with waiting and trying again, whatever a driver does. */
  workMs: 15_000,
} as const;
