import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import type { ConfigStore, DocumentChanges, StoredVersion } from "../../core/config-store.ts";
import { documentFeedHead, storedVersionSchema, toStoredVersion } from "../../core/gateway-feed.ts";
import type { ControlPlaneLine, LineAnswer } from "./control-plane-line.ts";

/** Documents as the apiserver gives them to gateways, line by line. The line is closed by who opened it. */
export class HttpDocumentSource implements Pick<ConfigStore, "changesSince"> {
  readonly #line: ControlPlaneLine;

  constructor(line: ControlPlaneLine) {
    this.#line = line;
  }

  changesSince(revision: number): Promise<DocumentChanges> {
    const etag = revision === 0 ? undefined : `"${revision}"`;
    const request = { method: "GET", path: `/gateway/documents?since=${revision}`, etag } as const;
    return this.#line.ask(request, async (answer) => {
      if (answer.status !== 304) return readChanges(answer);
      await answer.body.dump();
      return { revision, changed: [], isComplete: false };
    });
  }
}

async function readChanges({ body, isGzip }: LineAnswer): Promise<DocumentChanges> {
  const bytes = isGzip ? body.pipe(createGunzip()) : body;
  if (isGzip) body.on("error", (error) => bytes.destroy(error));
  const failed = new Promise<never>((_resolve, reject) => {
    bytes.once("error", reject); // readline only ends
  });
  failed.catch(() => undefined); // told by the race below
  return Promise.race([readLines(bytes), failed]);
}

async function readLines(bytes: NodeJS.ReadableStream): Promise<DocumentChanges> {
  let head: { revision: number; isComplete: boolean; count: number } | undefined;
  const changed: StoredVersion[] = [];
  for await (const line of createInterface({ input: bytes, crlfDelay: Number.POSITIVE_INFINITY })) {
    const value: unknown = JSON.parse(line);
    if (head === undefined) head = documentFeedHead.parse(value);
    else changed.push(toStoredVersion(storedVersionSchema.parse(value)));
  }
  if (head?.count !== changed.length) throw new Error("the list of documents broke off");
  return { revision: head.revision, isComplete: head.isComplete, changed };
}
