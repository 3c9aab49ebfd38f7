import { MAX_BACKENDS } from "../../validation/numbers.ts"
import type { FoundServer } from "../ceiling.ts"
import type { ComposeService } from "./compose-service.ts"
import { isBitnami, isPostgresImage } from "./images.ts"

/** PostgreSQL's default, which all of these images leave as it is. */
const IMAGE_DEFAULT = 100

/** Programs that a PostgreSQL image also has: a service that runs one of them is a client. */
const CLIENT =
  /(^|[\s;&|(/])(psql|pg_dump|pg_dumpall|pg_restore|pg_basebackup|pgbench|createdb|dropdb|vacuumdb|reindexdb|crond?)(\s|$)/

/** A command that starts a server. */
const SERVER = /(^|[\s;&|(/])(postgres|postmaster)(\s|$)/

/** Where the images keep their data. */
const DATA = /^\/(var\/lib\/postgresql|bitnami\/postgresql|home\/postgres)(\/|$)/

/** Tells whether a service is a PostgreSQL server. */
export function isPostgres({ image, command, mounts }: ComposeService): boolean {
  const text = command.join(" ").trim()
  if (CLIENT.test(text)) return false
  // An image of one's own: only a command that begins with the program, not one that has a user of that name.
  if (!isPostgresImage(image)) return OWN_SERVER.test(text)
  // A script may start the server or back it up: only the server has data.
  return !isScript(text) || mounts.some(({ target }) => DATA.test(target))
}

const OWN_SERVER = /^(\S*docker-entrypoint\.sh\s+)?(\S*\/)?(postgres|postmaster)(\s|$)/

/** True for a command that is neither the server nor its flags. */
const isScript = (text: string): boolean =>
  text !== "" && !SERVER.test(text) && !/^-|docker-entrypoint\.sh/.test(text)

/** Reads the ceiling and the names of a PostgreSQL server. */
export function foundServer(service: ComposeService, aliases: readonly string[]): FoundServer {
  const { address, ownAddress, hosts } = service
  return {
    address,
    names: [address, ownAddress],
    nodeType: undefined,
    documented: undefined,
    hosts: [...new Set([...hosts, ...aliases])],
    ...ceilingOf(service),
  }
}

type Ceiling = Pick<FoundServer, "maxConnections" | "reason" | "assumption">

function ceilingOf(service: ComposeService): Ceiling {
  const { image, command, environment } = service
  const variable = (name: string) => environment.find(([each]) => each === name)?.[1]
  const flags = isBitnami(image) ? (variable("POSTGRESQL_EXTRA_FLAGS") ?? "") : ""
  const text = [...command, flags].join(" ")
  // A command line takes precedence over every file.
  const stated = statedIn(text)
  if (stated !== undefined) return known(stated, "its command")
  const file = unseenFile(text, service)
  if (file !== undefined) return { maxConnections: undefined, reason: file }
  const ofBitnami = isBitnami(image) ? variable("POSTGRESQL_MAX_CONNECTIONS") : undefined
  if (ofBitnami !== undefined) return known(ofBitnami, "POSTGRESQL_MAX_CONNECTIONS")
  const atCreation = environment.find(
    ([name, value = ""]) =>
      name === "TS_TUNE_MAX_CONNS" || (/INITDB_ARGS$/.test(name) && /max[-_]connections/i.test(value)),
  )
  if (atCreation !== undefined)
    return {
      maxConnections: undefined,
      reason: `has ${atCreation[0]}, which sets max_connections only when the data directory is created`,
    }
  return {
    maxConnections: IMAGE_DEFAULT,
    reason: undefined,
    assumption: {
      assumed: `omitted: ${IMAGE_DEFAULT}, the image's default`,
      remedy: "Set it in the command (postgres -c max_connections=100), or give maxConnections",
    },
  }
}

const known = (value: string, where: string): Ceiling =>
  /^[1-9]\d{0,5}$/.test(value) && Number(value) <= MAX_BACKENDS
    ? { maxConnections: Number(value), reason: undefined }
    : {
        maxConnections: undefined,
        reason: `has a max_connections in ${where} that is not a whole number from 1 to ${MAX_BACKENDS}`,
      }

/** `-c max_connections=200`, `-cmax_connections=200`, `--max-connections=200`, `-N 200`; the last one counts. */
const STATED =
  /(?<![\w-])(?:-c\s*["']?|--)[Mm][Aa][Xx][-_][Cc][Oo][Nn][Nn][Ee][Cc][Tt][Ii][Oo][Nn][Ss]\s*=\s*["']?([^\s"';&|]*)|(?<![\w-])-N\s*["']?([^\s"';&|]+)/g

function statedIn(text: string): string | undefined {
  const [, byName, byLetter] = [...text.matchAll(STATED)].at(-1) ?? []
  return byName ?? byLetter
}

const UNSEEN_FILE = "may have max_connections in a configuration file, which cannot be seen"

/** A configuration that is not in the document, and the reason why the ceiling is then not known. */
function unseenFile(text: string, { mounts }: ComposeService): string | undefined {
  if (/config[-_]file\s*=/i.test(text)) return UNSEEN_FILE
  if (mounts.some(({ target }) => CONFIGURATION.test(target))) return UNSEEN_FILE
  return isScript(text.trim()) ? "starts with a command of its own, which may set max_connections" : undefined
}

/** Where the images look for configuration. */
const CONFIGURATION =
  /(^|\/)(postgresql|postgresql\.auto|postgresql\.base|custom)\.conf$|^\/etc\/postgresql(\/|$)|\/postgresql\/conf(\.d)?(\/|$)|\/conf\.d(\/|$)/
