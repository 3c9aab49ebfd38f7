import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"

/** The Debian package of each program that the tests run beside PostgreSQL. Another `script` than Linux's will not do. */
const PACKAGES = {
  pgbouncer: "pgbouncer",
  psql: "postgresql-client",
  pg_dump: "postgresql-client",
  prometheus: "prometheus",
  promtool: "prometheus",
  script: "bsdutils",
  stty: "coreutils",
  chromium: "chromium",
} as const

/** Where `npm run test:matrix -- pgbouncer` has the version of PgBouncer that its tests run with. */
const PGBOUNCER = process.env["PGBOUNCER_DIRECTORY"]

/** With the directory of daemons, which a person's own path lacks. */
export const PATH = [PGBOUNCER && `${PGBOUNCER}/bin`, process.env["PATH"], "/usr/sbin"]
  .filter(Boolean)
  .join(":")

/** The file of a program, for what starts it by no path of its own. */
export function fileOf(program: keyof typeof PACKAGES): string {
  const file = PATH.split(":")
    .map((directory) => join(directory, program))
    .find((each) => existsSync(each))
  if (file === undefined) throw new Error(`${program} is in none of ${PATH}`)
  return file
}

const said = new Set<string>()

/**
 * Whether these programs are installed. Where one is not, its tests are skipped with a line that says what to
 * install; in CI that is an error, since a gap there must not hide.
 */
export function installed(...programs: (keyof typeof PACKAGES)[]): boolean {
  const missing = programs.filter(
    (program) => spawnSync(program, ["--version"], { env: { PATH } }).status !== 0,
  )
  if (missing.length === 0) return true
  const packages = [...new Set(missing.map((program) => PACKAGES[program]))].join(" ")
  const message = `${missing.join(", ")} not found: apt-get install ${packages}`
  if (process.env["CI"]) throw new Error(message)
  if (!said.has(message)) console.warn(`Tests are skipped: ${message}`)
  said.add(message)
  return false
}
