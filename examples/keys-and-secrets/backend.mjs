// A service that wants a token and tells who it was asked for: GET /orders. Started on PORT, or on
// 3105. The token is TOKEN, or `demo-token`.
import { createServer } from "node:http";

const token = process.env.TOKEN ?? "demo-token";

const server = createServer((request, response) => {
  const isKnown = request.headers.authorization === `Bearer ${token}`;
  const found = request.url === "/orders";
  response.writeHead(isKnown ? (found ? 200 : 404) : 401, { "Content-Type": "application/json" });
  response.end(
    JSON.stringify(
      isKnown && found
        ? { for: request.headers["x-on-behalf-of"], region: request.headers["x-region"] ?? "all", orders: ["o1", "o2"] }
        : { error: isKnown ? "there is nothing here" : "the token is wrong" },
    ),
  );
});

server.listen(Number(process.env.PORT ?? 3105), "127.0.0.1", () => {
  process.stdout.write(`listening on http://127.0.0.1:${server.address().port}\n`);
});
