import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/site/sayWithoutChromium.ts"],
    testTimeout: 240_000,
    hookTimeout: 300_000,
    reporters: ["default", "./test/plainSummary.ts"],
    maxWorkers: 2,
  },
});
