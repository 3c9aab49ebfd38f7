import { defineConfig } from "vitest/config"

const POSTGRES = ["test/{bench,examples,postgres}/**/*.test.ts", "test/**/*.postgres.test.ts"]
const MUTATIONS = ["test/**/*.mutation.test.ts"]
const PACKAGE = ["test/package/**/*.test.ts"]
const BUILDS = ["test/builds/**/*.test.ts"]
const SITE = ["test/site/**/*.browser.test.ts"]
const ISOLATED = ["test/**/*.isolated.test.ts"]

const setupFiles = ["test/support/properties.setup.ts"]
const server = "test/support/global-setup.ts"

// The bounds end what hangs, on a machine that has other things to do as well; no test judges how fast anything is.
export default defineConfig({
  test: {
    // More than two cores have: most tests of a server wait for it.
    maxWorkers: 4,
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [...POSTGRES, ...MUTATIONS, ...PACKAGE, ...BUILDS, ...SITE, ...ISOLATED],
          setupFiles,
          // Pure functions share a process: to start one for each file would take longer than the tests.
          isolate: false,
          unstubEnvs: true,
          testTimeout: 180_000,
        },
      },
      {
        test: {
          // They replace a module, so that what has loaded it already must not be theirs.
          name: "isolated",
          include: ISOLATED,
          setupFiles,
          testTimeout: 180_000,
        },
      },
      {
        test: {
          name: "postgres",
          include: POSTGRES,
          setupFiles,
          globalSetup: [server],
          testTimeout: 180_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: "site",
          include: SITE,
          setupFiles,
          globalSetup: ["test/site/global-setup.ts"],
          testTimeout: 180_000,
          // One of them visits every page.
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          // Not in `npm test`: it shows of the tests that they fail.
          name: "mutations",
          include: MUTATIONS,
          globalSetup: [server],
          // One file, whose cases wait for what never comes.
          maxConcurrency: 10,
          testTimeout: 180_000,
        },
      },
      {
        test: {
          name: "package",
          include: PACKAGE,
          globalSetup: [server, "test/package/global-setup.ts"],
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          // Not in `npm test`: frameworks, which take minutes to install and to build.
          name: "builds",
          include: BUILDS,
          globalSetup: [server, "test/package/global-setup.ts"],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
