// A photo album. Pictures are posted as multipart/form-data and read back as they came.
// Started on PORT, or on 3102. Keeps everything in memory.
import { createServer } from "node:http";

const maxBytes = 1_048_576;
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const album = [{ id: 1, caption: "One pixel", type: "image/png", bytes: Buffer.from(pixel, "base64") }];

async function add(request, response) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > maxBytes) return send(response, 413, { error: "a picture has at most 1 MB" });
    chunks.push(chunk);
  }
  const form = await new Response(Buffer.concat(chunks), {
    headers: { "Content-Type": request.headers["content-type"] ?? "" },
  }).formData();
  const file = form.get("file");
  if (file === null || typeof file === "string") return send(response, 422, { error: "the field file is missing" });
  const caption = form.get("caption");
  const entry = {
    id: album.length + 1,
    caption: typeof caption === "string" ? caption : file.name,
    type: file.type,
    bytes: Buffer.from(await file.arrayBuffer()),
  };
  album.push(entry);
  send(response, 201, describe(entry));
}

function describe({ id, caption, type, bytes }) {
  return { id, caption, type, bytes: bytes.length };
}

function send(response, status, body) {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}

async function answer(request, response) {
  const path = request.url ?? "/";
  if (path === "/pictures" && request.method === "POST") return add(request, response);
  if (path === "/pictures") return send(response, 200, album.map(describe));
  const entry = album.find(({ id }) => path === `/pictures/${id}`);
  if (entry === undefined) return send(response, 404, { error: "there is no such picture" });
  response.writeHead(200, { "Content-Type": entry.type }).end(entry.bytes);
}

const server = createServer((request, response) => {
  answer(request, response).catch(() => send(response, 400, { error: "the body cannot be read" }));
});

server.listen(Number(process.env.PORT ?? 3102), "127.0.0.1", () => {
  process.stdout.write(`listening on http://127.0.0.1:${server.address().port}\n`);
});
