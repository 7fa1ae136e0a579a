import { defineConfig, type ViteUserConfig } from "vitest/config";

/** Shared by every workspace: their `test` scripts name this file and their own folder as root. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["**/node_modules/**"],
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
export default config;
