// Two slow jobs: POST /imports answers with an event stream, GET /exports/{name} with lines of JSON.
// Started on PORT, or on 3103. STEP_MS is the pause between two steps.
import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

const steps = 5;
const stepMs = Number(process.env.STEP_MS ?? 400);

async function importRows(response) {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  const event = (type, data) => response.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  event("note", { level: "info", text: "the file has 500 rows" });
  for (let done = 1; done <= steps && !response.destroyed; done++) {
    await delay(stepMs);
    event("step", { done, of: steps, rows: done * 100 });
    if (done === 3) event("note", { level: "warning", text: "row 271 has no email" });
  }
  event("result", { imported: 499, skipped: 1 });
  response.end();
}

async function exportRows(response, name) {
  response.writeHead(200, { "Content-Type": "application/x-ndjson" });
  for (let page = 1; page <= steps && !response.destroyed; page++) {
    await delay(stepMs);
    response.write(`${JSON.stringify({ page, pages: steps })}\n${JSON.stringify({ row: `${name}-${page}` })}\n`);
  }
  response.end();
}

const server = createServer((request, response) => {
  request.resume();
  const name = /^\/exports\/([a-z]+)$/.exec(request.url ?? "")?.[1];
  const job =
    request.method === "POST" && request.url === "/imports"
      ? importRows(response)
      : request.method === "GET" && name !== undefined
        ? exportRows(response, name)
        : undefined;
  if (job === undefined) response.writeHead(404).end();
  else job.catch(() => response.destroy());
});

server.listen(Number(process.env.PORT ?? 3103), "127.0.0.1", () => {
  process.stdout.write(`listening on http://127.0.0.1:${server.address().port}\n`);
});
