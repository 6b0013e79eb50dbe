import { get } from "node:http";

export interface GotAnswer {
  readonly status: number;
  readonly body: string;
}

/** One GET on a connection of its own to a server on loopback. Rejects when there is no answer within five seconds. */
export function httpGet(port: number, path: string): Promise<GotAnswer> {
  return new Promise((resolve, reject) => {
    const request = get({ host: "127.0.0.1", port, path, agent: false, timeout: 5_000 }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.once("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(pieces).toString() }));
      response.once("error", reject);
    });
    request.once("timeout", () => request.destroy(new Error(`${path} was not answered within five seconds.`)));
    request.once("error", reject);
  });
}
