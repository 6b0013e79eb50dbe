import { hash, verify } from "@node-rs/argon2";
import { AppError } from "../core/errors.ts";

/** OWASP Password Storage Cheat Sheet: Argon2id, 19 MiB, two passes, one lane. The library's default algorithm is Argon2id. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Hashes at once: each takes 19 MiB and a core for some 20 ms. */
const maxAtOnce = 4;
/** Hashes that wait: whoever comes then is told to come back. */
const maxWaiting = 64;

/** Hashes passwords, a bounded number at once. One per process. */
export class PasswordHasher {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #dummy: Promise<string> | undefined;

  /** @throws AppError `overloaded` when too many wait */
  hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(password, parameters));
  }

  /**
   * Whether the password is the one of the hash. Without a hash it takes as long and is false, so that the time does
   * not tell who has an account.
   *
   * @throws AppError `overloaded` when too many wait
   */
  async verify(passwordHash: string | undefined, password: string): Promise<boolean> {
    this.#dummy ??= this.hash("no password is this one");
    const against = passwordHash ?? (await this.#dummy);
    const isRight = await this.#inTurn(() => verify(against, password));
    return isRight && passwordHash !== undefined;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= maxAtOnce) {
      if (this.#waiting.length >= maxWaiting)
        throw new AppError("overloaded", "Too many people sign in at this moment. Try again in some seconds.");
      // Whoever ends hands its turn on, so that `running` stays as it is.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
