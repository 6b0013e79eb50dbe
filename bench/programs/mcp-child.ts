// The same MCP server over its pipes: the child of gateways under measurement.
import { answerer } from "./mcp-answers.ts";

const answer = answerer(Number(process.argv[2] ?? "1"));
let rest = "";

process.stdin.setEncoding("utf8");
process.stdin.on("data", (piece: string) => {
  const lines = (rest + piece).split("\n");
  rest = lines.pop() ?? "";
  const answers = lines.flatMap((line) => (line === "" ? [] : (answer(line) ?? [])));
  if (answers.length > 0) process.stdout.write(`${answers.join("\n")}\n`);
});
process.stdin.once("end", () => process.exit(0));
