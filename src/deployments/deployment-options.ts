import { CORE, urlVariable } from "../config/database-variables.ts"
import { integerField } from "../validation/number-fields.ts"
import { maxConnectionsRule } from "../validation/numbers.ts"
import { type Reader, refused } from "../validation/problem.ts"
import { describe, entries, field, list, object, optional, rule } from "../validation/schema.ts"
import { textField } from "../validation/text-fields.ts"
import { type Override, overrideSchema, reasonField } from "./override.ts"
import { readMarker, readSizeVariable, readVariable, VARIABLE_NAME } from "./variable-names.ts"

/** Options for reading who connects. */
export interface DeploymentOptions {
  /**
   * The variables that hold the database's URL. Default: `DATABASE_URL` if the documents name only that, else
   * `DATABASE_URL_CORE`.
   */
  readonly keys?: readonly string[]
  /**
   * Variables that mark a consumer whose database address is assembled from parts, such as `DB_HOST`. Their values are no
   * URLs: a host ties the consumer to its server.
   */
  readonly markers?: readonly string[]
  /** The variable that states the pool size of a marked consumer, such as `DB_POOL_SIZE`. */
  readonly sizeVariable?: string
  /** The server's ceiling, if it is known from elsewhere. It takes precedence over the documents'. */
  readonly maxConnections?: number
  /** The address of the PostgreSQL server, if the documents have several. */
  readonly server?: string
  /** Other host names and addresses of that server: private DNS, a proxy in front of it. */
  readonly hosts?: readonly string[]
  /** The namespace of Kubernetes objects that name none. Default: any namespace. */
  readonly namespace?: string
  /**
   * Resources that do not connect, by address, each with the reason. An address without its last index is for all
   * instances of the resource, and one without its namespace for all namespaces. An address with `*` is a pattern: it
   * leaves out what is not known to connect, and nothing else. With several documents, an address that begins with a document's name
   * (`plans[0]: scaleway_container.api`, `files[0]: service/api`) is for that document, and one without is for all.
   */
  readonly exclude?: Readonly<Record<string, string>>
  /**
   * Values that replace those of a resource, by address as in `exclude`, each with a reason. A pattern sets what would
   * be unknown, and replaces nothing that is known.
   */
  readonly override?: Readonly<Record<string, Override>>
}

const KEYS = "Give an array of the variables that hold the database's URL, or leave it out"

const variableField = field(readVariable, { type: "string", pattern: VARIABLE_NAME.source })

/** Reads an array of at least one variable. */
export const keysField = describe(
  list(
    variableField,
    KEYS,
    rule<readonly unknown[]>(function* (keys) {
      if (keys.length === 0) yield { path: [], problem: "is an empty array", remedy: KEYS }
    }),
  ),
  { minItems: 1 },
)

/** Reads an array of markers. */
export const markersField = list(
  field(readMarker, { type: "string", pattern: VARIABLE_NAME.source }),
  "Give an array of variables, such as DB_HOST",
)

const HOSTS = "Give an array of host names and addresses, without a port"

/** A host name, an IPv4 address or an IPv6 address. */
const HOST = /^(?:[^\s/@:]+|\[?[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*\]?)$/i

const readHost: Reader<string> = (value) =>
  typeof value === "string" && HOST.test(value) ? value : refused(value, HOSTS)

/** Reads host names and addresses of a server. */
export const hostsField = list(field(readHost, { type: "string", pattern: "\\S" }), HOSTS)

/** Reads the address of a server in a document. */
export const serverField = textField("Give the server's address")

const namespaceField = textField("Give the name of a namespace")

/** The options that a declaration also has. */
export const deploymentsShape = {
  keys: describe(optional(keysField), {
    description: `The variables that hold the database's URL; ${urlVariable(CORE)} by default`,
  }),
  markers: describe(optional(markersField), {
    description:
      "Variables that mark a consumer whose database address is assembled from parts, such as DB_HOST",
  }),
  sizeVariable: describe(
    optional(field(readSizeVariable, { type: "string", pattern: VARIABLE_NAME.source })),
    {
      description: "The variable that states the pool size of a marked consumer, such as DB_POOL_SIZE",
    },
  ),
  server: describe(optional(serverField), {
    description: "The address of the PostgreSQL server, if the documents have several",
  }),
  hosts: describe(optional(hostsField), {
    description: "Other host names and addresses of that server, such as those of private DNS",
  }),
  namespace: describe(optional(namespaceField), {
    description: "The namespace of Kubernetes objects that name none",
  }),
  exclude: optional(
    entries(reasonField, { description: "Resources that do not connect, by address, each with the reason" }),
  ),
  override: optional(
    entries(overrideSchema, { description: "Values that replace those of a resource, by address" }),
  ),
}

export const optionsSchema = object({
  ...deploymentsShape,
  maxConnections: optional(integerField(maxConnectionsRule)),
} satisfies Record<keyof DeploymentOptions, unknown>)

/** Returns the variables to look for, each once. */
export const keysOf = ({ keys = [urlVariable(CORE)] }: DeploymentOptions): readonly string[] => [
  ...new Set(keys),
]
