import type { ConfigStore } from "../../src/core/config-store.ts";
import { databaseKinds } from "../fixtures/databases.ts";
import { type OpenStore, openStore } from "../fixtures/open-store.ts";

/** A place for documents that tests may fill as they like; empty. */
export interface StorePlace {
  /** As the setting `store` has it. */
  readonly address: string;
  /** Forgets the place with all that is in it. */
  drop(): Promise<void>;
}

/** An implementation of `ConfigStore`, or the reason why this machine has none. */
export interface ConfigStoreKind {
  readonly name: string;
  readonly missing: string | undefined;
  create(): Promise<StorePlace>;
}

/** Every implementation; the ones that are missing with their reason. */
export async function configStoreKinds(): Promise<readonly ConfigStoreKind[]> {
  return databaseKinds();
}

/** A place that is opened by any number of processes, as far as its store can tell. */
export interface OpenedPlace {
  readonly address: string;
  readonly store: ConfigStore;
  /** Another process that opens the same place. */
  openAgain(): Promise<ConfigStore>;
  /** Closes what is open and opens the place anew. */
  reopen(): Promise<ConfigStore>;
  drop(): Promise<void>;
}

export async function openPlace(kind: ConfigStoreKind, clock: () => number): Promise<OpenedPlace> {
  const created = await kind.create();
  const opened: OpenStore[] = [];
  const open = async (): Promise<ConfigStore> => {
    const next = await openStore(created.address, clock);
    opened.push(next);
    return next.store;
  };
  const closeAll = async (): Promise<void> => {
    await Promise.all(opened.splice(0).map((each) => each.close()));
  };
  return {
    address: created.address,
    store: await open(),
    openAgain: open,
    reopen: async () => {
      await closeAll();
      return open();
    },
    drop: async () => {
      await closeAll();
      await created.drop();
    },
  };
}
