import { availableParallelism } from "node:os";
import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    // The worker is a program of its own: tests start the one that was built for their run.
    alias: [
      {
        find: /^.*\/worker-program\.ts$/,
        replacement: new URL("test/fixtures/worker-program.ts", import.meta.url).pathname,
      },
    ],
  },
  test: {
    include: [
      "src/**/*.test.ts",
      "scripts/**/*.test.ts",
      "web/src/**/*.test.ts",
      "test/**/*.test.ts",
      "bench/**/*.test.ts",
    ],
    // Needs Chromium: `npm run e2e`.
    exclude: [...configDefaults.exclude, "test/browser/**"],
    globalSetup: ["test/fixtures/build-program.ts"],
    isolate: false,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    pool: "forks",
    // As many as cores: of two, vitest would leave one free.
    maxWorkers: availableParallelism(),
    reporters: ["default"],
  },
});
