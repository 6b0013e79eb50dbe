// The smallest REST service: GET /greetings/{name}?language=en|fr|de. Started on PORT, or on 3101.
import { createServer } from "node:http";

const words = new Map([
  ["en", "Hello"],
  ["fr", "Bonjour"],
  ["de", "Guten Tag"],
]);

const server = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://localhost");
  const name = /^\/greetings\/([^/]+)$/.exec(url.pathname)?.[1];
  const word = words.get(url.searchParams.get("language") ?? "en");
  const status = name === undefined ? 404 : word === undefined ? 400 : 200;
  const body =
    status === 200
      ? { greeting: `${word}, ${decodeURIComponent(name ?? "")}!` }
      : { error: status === 404 ? "there is nothing here" : `the languages are ${[...words.keys()].join(", ")}` };
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
});

server.listen(Number(process.env.PORT ?? 3101), "127.0.0.1", () => {
  process.stdout.write(`listening on http://127.0.0.1:${server.address().port}\n`);
});
