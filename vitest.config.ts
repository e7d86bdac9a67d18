import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{src,bench,test}/**/*.test.ts"],
    // Generous, for slow machines under load: no test is about time.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Two files at once: the engine's own threads already use both cores of a small machine.
    maxWorkers: 2,
  },
});
