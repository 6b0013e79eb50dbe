// A team directory: GET /people?begins=…, GET /people/{id}. Started on PORT, or on 3104.
import { createServer } from "node:http";

const people = [
  { id: "ada", name: "Ada Okafor", team: "support", languages: ["en", "fr"] },
  { id: "bruno", name: "Bruno Keller", team: "sales", languages: ["de"] },
  { id: "chiara", name: "Chiara Russo", team: "support", languages: ["it", "en"] },
];

const server = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://localhost");
  const id = /^\/people\/([^/]+)$/.exec(url.pathname)?.[1];
  const found =
    url.pathname === "/people"
      ? people.filter((person) => person.id.startsWith(url.searchParams.get("begins") ?? ""))
      : people.find((person) => person.id === id);
  response.writeHead(found === undefined ? 404 : 200, { "Content-Type": "application/json" });
  response.end(JSON.stringify(found ?? { error: "there is nobody of this id" }));
});

server.listen(Number(process.env.PORT ?? 3104), "127.0.0.1", () => {
  process.stdout.write(`listening on http://127.0.0.1:${server.address().port}\n`);
});
