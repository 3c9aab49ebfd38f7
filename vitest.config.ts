import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/postgres/global-setup.ts"],
    // Tests against a real server wait for real timeouts; none judges the speed of the machine.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores, and every file has a server to talk to.
    maxWorkers: 2,
    typecheck: { enabled: false },
  },
})
