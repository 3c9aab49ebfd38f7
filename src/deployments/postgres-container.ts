import { MAX_BACKENDS } from "../validation/numbers.ts"
import type { FoundServer } from "./ceiling.ts"
import { isBitnami, isPostgresImage, readsMaxConnections } from "./container-images.ts"

/** What a container starts with: it tells whether it is a PostgreSQL server, and the server's ceiling. */
export interface ContainerStart {
  readonly image: string
  /** The entrypoint and the command, with its arguments. */
  readonly command: readonly string[]
  /** Its variables; null for a value that cannot be seen. */
  readonly environment: ReadonlyMap<string, string | null>
  /** The paths in the container at which something with content is mounted. */
  readonly mounts: readonly string[]
  /** True if any of these is known only after apply. */
  readonly isPartlyUnknown?: boolean
}

/** Programs that a PostgreSQL image also has: a container that runs one of them is a client. */
const CLIENT =
  /(^|[\s;&|(/])(psql|pg_dump|pg_dumpall|pg_restore|pg_basebackup|pgbench|createdb|dropdb|vacuumdb|reindexdb|crond?)(\s|$)/

/** A command that starts a server. */
const SERVER = /(^|[\s;&|(/])(postgres|postmaster)(\s|$)/

/** Where the images keep their data. */
const DATA = /^\/(var\/lib\/postgresql|bitnami\/postgresql|home\/postgres)(\/|$)/

/** Tells whether a container is a PostgreSQL server. */
export function isPostgres({ image, command, mounts }: ContainerStart): boolean {
  const text = command.join(" ").trim()
  if (CLIENT.test(text)) return false
  // An image of one's own: only a command that begins with the program, not one that has a user of that name.
  if (!isPostgresImage(image)) return OWN_SERVER.test(text)
  // A script may start the server or back it up: only the server has data.
  return !isScript(text) || mounts.some((path) => DATA.test(path))
}

const OWN_SERVER = /^(\S*docker-entrypoint\.sh\s+)?(\S*\/)?(postgres|postmaster)(\s|$)/

/** True for a command that is neither the server nor its flags. */
const isScript = (text: string): boolean =>
  text !== "" && !SERVER.test(text) && !/^-|docker-entrypoint\.sh/.test(text)

/** The ceiling of a server in a container. */
export type ContainerCeiling = Pick<
  FoundServer,
  "maxConnections" | "maxConnectionsAtMost" | "reason" | "assumption" | "providerReserved"
>

/** PostgreSQL's default, which all of these images leave as it is. */
const IMAGE_DEFAULT = 100

/** Reads the ceiling of a PostgreSQL server in a container, with the slots that its command keeps. */
export function containerCeiling(container: ContainerStart): ContainerCeiling {
  const ceiling = connectionsOf(container)
  const text = [...container.command, flagsOf(container)].join(" ")
  return withReserved(ceiling, (name) => lastIn(text, settingIn(name)), "its command")
}

/** Settings that keep slots from ordinary roles, with PostgreSQL's default: the second is of 16 and later. */
const RESERVED = [
  ["superuser_reserved_connections", 3],
  ["reserved_connections", 0],
] as const

const KEPT_BY_DEFAULT = 3

/** Adds the slots that a server's settings keep, beyond the three that PostgreSQL keeps for superusers by default. */
export function withReserved(
  ceiling: ContainerCeiling,
  stated: (setting: string) => string | undefined,
  where: string,
): ContainerCeiling {
  const values = RESERVED.map(([name, preset]) => ({ name, value: stated(name) ?? String(preset) }))
  const wrong = values.find(({ value }) => !/^\d{1,6}$/.test(value))
  if (wrong !== undefined) {
    const most = ceiling.maxConnections
    return {
      ...unseen(`has a ${wrong.name} in ${where} that is not a whole number`),
      ...(most === undefined ? {} : { maxConnectionsAtMost: most }),
    }
  }
  const kept = values.reduce((total, { value }) => total + Number(value), 0) - KEPT_BY_DEFAULT
  return kept > 0 ? { ...ceiling, providerReserved: kept } : ceiling
}

const flagsOf = ({ image, environment }: ContainerStart): string =>
  isBitnami(image) ? (environment.get("POSTGRESQL_EXTRA_FLAGS") ?? "") : ""

function connectionsOf(container: ContainerStart): ContainerCeiling {
  const { image, command, environment } = container
  if (container.isPartlyUnknown) return unseen("may have max_connections in what is known only after apply")
  const text = [...command, flagsOf(container)].join(" ")
  // A command line takes precedence over every file.
  const stated = lastIn(text, STATED)
  if (stated !== undefined) return known(stated, "its command")
  const file = unseenFile(text, container)
  if (file !== undefined) return { maxConnections: undefined, reason: file }
  const variable = readsMaxConnections(image) ? environment.get("POSTGRESQL_MAX_CONNECTIONS") : undefined
  if (variable === null) return unseen("has a POSTGRESQL_MAX_CONNECTIONS that cannot be seen")
  if (variable !== undefined) return known(variable, "POSTGRESQL_MAX_CONNECTIONS")
  const [setting] = [...environment].find(([name, value]) => name === TUNED || NAMED.test(value ?? "")) ?? []
  if (setting !== undefined)
    return unseen(
      setting === TUNED || /INITDB_ARGS$/.test(setting)
        ? `has ${setting}, which sets max_connections only when the data directory is created`
        : `has ${setting}, which may set max_connections`,
    )
  return {
    maxConnections: IMAGE_DEFAULT,
    reason: undefined,
    assumption: {
      assumed: `omitted: ${IMAGE_DEFAULT}, the image's default`,
      remedy: "Set it in the command (postgres -c max_connections=100), or give maxConnections",
    },
  }
}

/** Timescale's images tune the configuration when they create it. */
const TUNED = "TS_TUNE_MAX_CONNS"

/** The setting in the value of a variable: a configuration, as Spilo's and Kartoza's images take one. */
const NAMED = /max[-_]connections/i

/** Reads a ceiling that a document states, as text or as a number. */
export const known = (value: string, where: string): ContainerCeiling =>
  /^[1-9]\d{0,5}$/.test(value) && Number(value) <= MAX_BACKENDS
    ? { maxConnections: Number(value), reason: undefined }
    : unseen(`has a max_connections in ${where} that is not a whole number from 1 to ${MAX_BACKENDS}`)

const unseen = (reason: string): ContainerCeiling => ({ maxConnections: undefined, reason })

/** `-c max_connections=200`, `-cmax_connections=200`, `--max-connections=200`, `-N 200`; the last one counts. */
const STATED =
  /(?<![\w-])(?:-c\s*["']?|--)[Mm][Aa][Xx][-_][Cc][Oo][Nn][Nn][Ee][Cc][Tt][Ii][Oo][Nn][Ss]\s*=\s*["']?([^\s"';&|]*)|(?<![\w-])-N\s*["']?([^\s"';&|]+)/g

/** The same of another setting. */
const settingIn = (name: string): RegExp =>
  new RegExp(`(?<![\\w-])(?:-c\\s*["']?|--)${name.replaceAll("_", "[-_]")}\\s*=\\s*["']?([^\\s"';&|]*)`, "gi")

function lastIn(text: string, setting: RegExp): string | undefined {
  const [, byName, byLetter] = [...text.matchAll(setting)].at(-1) ?? []
  return byName ?? byLetter
}

const UNSEEN_FILE = "may have max_connections in a configuration file, which cannot be seen"

/** A configuration that is not in the document, and the reason why the ceiling is then not known. */
function unseenFile(text: string, { mounts }: ContainerStart): string | undefined {
  if (/config[-_]file\s*=/i.test(text)) return UNSEEN_FILE
  if (mounts.some((path) => CONFIGURATION.test(path))) return UNSEEN_FILE
  return isScript(text.trim()) ? "starts with a command of its own, which may set max_connections" : undefined
}

/** Where the images look for configuration. */
const CONFIGURATION =
  /(^|\/)(postgresql|postgresql\.auto|postgresql\.base|custom)\.conf$|^\/etc\/postgresql(\/|$)|\/postgresql\/conf(\.d)?(\/|$)|\/conf\.d(\/|$)|\/postgresql-cfg(\/|$)/
