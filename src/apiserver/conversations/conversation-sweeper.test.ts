import { afterEach, beforeEach, expect, test } from "vitest";
import { AppError } from "../../core/errors.ts";
import { silentLog } from "../../core/log.ts";
import { streamingBeat } from "../../core/conversation-store.ts";
import { type ConversationShelf, openConversationShelf, say } from "../../../test/fixtures/conversation-shelf.ts";
import { databaseKinds } from "../../../test/fixtures/databases.ts";
import { ConversationSweeper } from "./conversation-sweeper.ts";

let shelf: ConversationShelf;

beforeEach(async () => {
  const [sqlite] = await databaseKinds();
  if (sqlite === undefined) throw new Error("SQLite is always there");
  shelf = await openConversationShelf(sqlite);
  await shelf.empty();
});

afterEach(() => shelf.drop());

function sweeper(): ConversationSweeper {
  return new ConversationSweeper({ conversations: shelf.store, now: () => shelf.now, log: silentLog });
}

test("an apiserver that starts keeps what came of an answer whose process died, and leaves others to theirs", async () => {
  const made = await shelf.create({ ownerId: await shelf.makeUser("ann") });
  const lost = await shelf.store.append(made, say("half an ans", { role: "assistant", state: "streaming" }));
  shelf.now += streamingBeat.lostAfterMs + 1 - streamingBeat.writeEveryMs;
  const alive = await shelf.store.append(made, say("still", { role: "assistant", state: "streaming" }));
  shelf.now += streamingBeat.writeEveryMs;
  const starting = sweeper();
  starting.start();
  // Closing waits for the run that has begun.
  await starting.close();
  const { items } = await shelf.store.messages(made, { limit: 10, of: { kind: "tree" } });
  expect(items).toStrictEqual([{ ...lost, state: "interrupted", version: 2, updatedAt: shelf.now }, alive]);
});

test("what belonged to somebody who was deleted is removed for good", async () => {
  const ownerId = await shelf.makeUser("ann");
  await shelf.store.append(await shelf.create({ ownerId }), say("mine"));
  await shelf.users.delete(ownerId);
  expect(await shelf.countRows()).toStrictEqual([1, 1]);
  expect(await sweeper().sweep()).toStrictEqual({ interrupted: 0, purged: 1 });
  expect(await shelf.countRows()).toStrictEqual([0, 0]);
});

test("a database that is away is told in the log and ends nothing", async () => {
  const warned: string[] = [];
  const away = async (): Promise<never> => {
    throw new AppError("unavailable", "The database does not answer.");
  };
  const starting = new ConversationSweeper({
    conversations: { interruptStreaming: away, purge: away },
    now: () => shelf.now,
    log: { ...silentLog, warn: (event) => void warned.push(event) },
  });
  starting.start();
  await starting.close();
  await starting.close();
  expect(warned).toStrictEqual(["conversations were not swept; it is tried again soon"]);
});
