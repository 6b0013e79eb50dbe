// A REST service: GET /duty/{day} tells who is on duty. Started on PORT, or on 3106.
import { createServer } from "node:http";

const people = new Map([
  ["monday", "Ada"],
  ["tuesday", "Bruno"],
  ["wednesday", "Chiara"],
]);

const server = createServer((request, response) => {
  const person = people.get(/^\/duty\/([a-z]+)$/.exec(request.url ?? "")?.[1] ?? "");
  response.writeHead(person === undefined ? 404 : 200, { "Content-Type": "application/json" });
  response.end(JSON.stringify(person === undefined ? { error: "nobody" } : { person }));
});

server.listen(Number(process.env.PORT ?? 3106), "127.0.0.1", () => {
  process.stdout.write(`listening on http://127.0.0.1:${server.address().port}\n`);
});
