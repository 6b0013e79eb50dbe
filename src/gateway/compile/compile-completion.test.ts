import { expect, test } from "vitest";
import { compileForTest } from "../../../test/fixtures/compiled-servers.ts";

test("a tool that its user must confirm cannot complete: it would be called with every letter typed", () => {
  const complete = { tool: "names", values: "${response.body}" };
  const { problems } = compileForTest({
    upstreams: { api: { kind: "http", baseUrl: "https://api.example" } },
    tools: [{ name: "names", upstream: "api", request: { path: "/names" }, confirm: { message: "Sure?" } }],
    prompts: [
      {
        name: "greet",
        arguments: [{ name: "who", complete }],
        messages: [{ role: "user", content: { text: "Hi ${args.who}" } }],
      },
    ],
  });
  expect(problems).toMatchObject([
    {
      severity: "error",
      path: ["prompts", 0, "arguments", 0, "complete", "tool"],
      message: expect.stringContaining("confirm"),
    },
  ]);
});
