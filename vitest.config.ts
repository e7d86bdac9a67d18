import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 30_000,
    // Two files at once: the engine's own threads already use both cores of a small machine.
    maxWorkers: 2,
  },
});
