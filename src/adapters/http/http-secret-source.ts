import { sealedSecretsSchema } from "../../core/gateway-feed.ts";
import type { SealedSecrets, SealedSecretSource } from "../../core/secret-store.ts";
import { ConditionalRead } from "./conditional-read.ts";
import type { ControlPlaneLine } from "./control-plane-line.ts";

/** Sealed secrets as the apiserver gives them to gateways. The line is closed by who opened it. */
export class HttpSecretSource implements SealedSecretSource {
  readonly #read: ConditionalRead<SealedSecrets>;

  constructor(line: ControlPlaneLine) {
    this.#read = new ConditionalRead(line, "/gateway/secrets", sealedSecretsSchema);
  }

  revision(): Promise<number> {
    return this.#read.revision();
  }

  readAll(): Promise<SealedSecrets> {
    return this.#read.read();
  }
}
