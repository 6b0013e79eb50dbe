// The REST backend that every variant calls: a small static JSON answer, and a large one.
import { createServer } from "node:http";
import { largeBytes } from "../work.ts";
import { serve } from "./serve.ts";
import { userJson } from "./user.ts";

const user = Buffer.from(userJson);

/** Valid JSON of about ten megabytes with characters that need escaping. */
function largeAnswer(): Buffer {
  const line = `{"key":"value of a row","text":"quote \\" and \\u00e9 and more of the same row"}`;
  const rows = Array.from({ length: Math.ceil(largeBytes / (line.length + 1)) }, () => line);
  return Buffer.from(`[${rows.join(",")}]`);
}

const large = largeAnswer();

serve(
  createServer((request, response) => {
    request.resume();
    request.once("end", () => {
      const body = request.url === "/large" ? large : user;
      response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
      response.end(body);
    });
  }),
);
