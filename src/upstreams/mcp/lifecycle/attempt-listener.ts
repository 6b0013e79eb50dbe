import type { AppError } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { ConnectionListener, McpConnection } from "../connection.ts";

export interface AttemptOwner {
  notified(connection: McpConnection, method: string, params: JsonObject): void;
  closed(connection: McpConnection, error: AppError): void;
}

/** Hears one connection from the first attempt to open it, and says which one it is that speaks. */
export class AttemptListener implements ConnectionListener {
  /** Set by the owner when it takes the connection; what comes before that is not told. */
  connection: McpConnection | undefined;
  /** Why the connection ended before the owner had taken it. */
  closed: AppError | undefined;
  readonly #owner: AttemptOwner;

  constructor(owner: AttemptOwner) {
    this.#owner = owner;
  }

  onNotification(method: string, params: JsonObject): void {
    if (this.connection !== undefined) this.#owner.notified(this.connection, method, params);
  }

  onClosed(error: AppError): void {
    if (this.connection === undefined) this.closed = error;
    else this.#owner.closed(this.connection, error);
  }
}
