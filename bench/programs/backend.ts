// The REST backend that every variant calls: a small static JSON answer, and a large one.
import { createServer } from "node:http";
import { largeBytes } from "../work.ts";
import { serve } from "./serve.ts";

const user = Buffer.from(
  JSON.stringify({
    id: "u-1042",
    name: "Ada Lovelace",
    email: "ada@example.org",
    roles: ["admin", "editor"],
    active: true,
    logins: 1729,
    address: { city: "London", street: "12 St James's Square", zip: "SW1Y" },
    note: "met at the salon",
  }),
);

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
