import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppError } from "../../core/errors.ts";
import { silentLog } from "../../core/log.ts";
import { LastGoodCopy } from "./last-good-copy.ts";

/** A place that documents and secrets are read from, and that can be away. */
class Place {
  asked = 0;
  isAway = false;

  readonly documents = { changesSince: () => this.#answer({ revision: 3, changed: [], isComplete: true }) };
  readonly secrets = {
    revision: () => this.#answer(7),
    readAll: () => this.#answer({ revision: 7, secrets: [] }),
  };

  async #answer<T>(value: T): Promise<T> {
    this.asked += 1;
    if (this.isAway) throw new AppError("unavailable", "The place does not answer.");
    return value;
  }
}

describe("a gateway that starts from its copy", () => {
  let folder: string;
  let place: Place;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "passerelle-copy-"));
    place = new Place();
    const copy = await LastGoodCopy.open(folder, silentLog);
    await copy.documents(place.documents).changesSince(0);
    await copy.secrets(place.secrets).readAll();
    await copy.close();
    place.asked = 0;
  });

  afterEach(() => rm(folder, { recursive: true }));

  it("waits for a place that is away once, not for each thing that it reads there", async () => {
    place.isAway = true;
    const copy = await LastGoodCopy.open(folder, silentLog);
    const [documents, secrets] = [copy.documents(place.documents), copy.secrets(place.secrets)];
    expect(await secrets.revision()).toBe(7);
    expect(await secrets.readAll()).toMatchObject({ revision: 7 });
    expect(await documents.changesSince(0)).toMatchObject({ revision: 3, isComplete: true });
    expect(place.asked).toBe(1);
  });

  it("asks again after the start, until the place is back", async () => {
    place.isAway = true;
    const copy = await LastGoodCopy.open(folder, silentLog);
    const [documents, secrets] = [copy.documents(place.documents), copy.secrets(place.secrets)];
    await secrets.readAll();
    await documents.changesSince(0);
    expect(await secrets.revision()).toBe(7);
    await expect(documents.changesSince(3)).rejects.toMatchObject({ code: "unavailable" });
    expect(place.asked).toBe(3);
    place.isAway = false;
    expect(await documents.changesSince(3)).toMatchObject({ revision: 3 });
    expect(await secrets.readAll()).toMatchObject({ revision: 7 });
    place.isAway = true;
    await expect(secrets.readAll()).rejects.toMatchObject({ code: "unavailable" });
    await copy.close();
  });

  it("asks although another thing was away when there is no copy of it", async () => {
    await rm(join(folder, "last-good", "documents.ndjson"));
    place.isAway = true;
    const copy = await LastGoodCopy.open(folder, silentLog);
    await copy.secrets(place.secrets).readAll();
    await expect(copy.documents(place.documents).changesSince(0)).rejects.toMatchObject({ code: "unavailable" });
    expect(place.asked).toBe(2);
  });
});
