import { keyRecordsSchema } from "../../core/gateway-feed.ts";
import type { KeyRecords, KeySource } from "../../core/key-source.ts";
import { ConditionalRead } from "./conditional-read.ts";
import type { ControlPlaneLine } from "./control-plane-line.ts";

/** Most keys whose use is told in one request. */
const batchSize = 5_000;

/** API keys as the apiserver gives them to gateways. The line is closed by who opened it. */
export class HttpKeySource implements KeySource {
  readonly #line: ControlPlaneLine;
  readonly #read: ConditionalRead<KeyRecords>;

  constructor(line: ControlPlaneLine) {
    this.#line = line;
    this.#read = new ConditionalRead(line, "/gateway/keys", keyRecordsSchema);
  }

  revision(): Promise<number> {
    return this.#read.revision();
  }

  readAll(): Promise<KeyRecords> {
    return this.#read.read();
  }

  async recordUse(lastUsedAt: ReadonlyMap<string, number>): Promise<void> {
    const all = Array.from(lastUsedAt, ([id, at]) => ({ id, at }));
    for (let start = 0; start < all.length; start += batchSize) {
      const body = { used: all.slice(start, start + batchSize) };
      await this.#line.ask({ method: "POST", path: "/gateway/key-use", body }, ({ body: answer }) => answer.dump());
    }
  }
}
