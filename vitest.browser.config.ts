import { defineConfig } from "vitest/config";

/** The pages in a real browser: `npm run e2e`. */
export default defineConfig({
  test: {
    include: ["test/browser/**/*.test.ts"],
    globalSetup: ["test/fixtures/build-program.ts"],
    isolate: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    pool: "forks",
    reporters: ["default"],
  },
});
