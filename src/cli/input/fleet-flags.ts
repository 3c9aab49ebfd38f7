import { CORE, urlVariable } from "../../config/database-variables.ts"
import type { FleetConfig } from "../../declaration/fleet-config.ts"
import {
  readPgBouncerVersion,
  USUAL_PGBOUNCER_VERSION,
  versionText,
} from "../../deployments/pgbouncer/versions.ts"
import { readMarker, readSizeVariable } from "../../deployments/variable-names.ts"
import { PoolConfigError } from "../../error.ts"
import { poolerRules, reservedRule, serverRules } from "../../sizing/fleet-rules.ts"
import type { OpenConsumer } from "../../sizing/index.ts"
import { maxConnectionsRule } from "../../validation/numbers.ts"
import { databaseFlag, variablesListed } from "./database-flag.ts"
import type { Flag } from "./flag.ts"
import {
  CONSUMER_SHAPE,
  consumerOf,
  integerOf,
  listed,
  nonEmpty,
  pairOf,
  readBy,
  reasonOf,
} from "./flag-values.ts"

/** The flags that define a fleet. */
export interface FleetFlags {
  readonly config?: string
  /** Also runs a JavaScript declaration in CI. */
  readonly allowJs?: boolean
  readonly terraform?: readonly string[]
  readonly kubernetes?: readonly string[]
  /** The namespace of Kubernetes objects that name none. */
  readonly namespace?: string
  readonly compose?: readonly string[]
  readonly render?: readonly string[]
  readonly appSpec?: readonly string[]
  /** `pgbouncer.ini` of the poolers, each with the name of its pooler before it, or without. */
  readonly pgbouncer?: readonly string[]
  /** The minor version of PgBouncer. */
  readonly pgbouncerVersion?: number
  readonly pgbouncerInstances?: number
  /** What connects through the only pooler. */
  readonly behind?: readonly string[]
  /** The variables that hold the URLs. */
  readonly database?: readonly string[]
  /** Variables that mark a consumer without a URL. */
  readonly marker?: readonly string[]
  readonly sizeVariable?: string
  readonly server?: string
  readonly exclude?: Readonly<Record<string, string>>
  readonly baseline?: string
  readonly maxConnections?: number
  readonly superuserReserved?: number
  readonly reservedConnections?: number
  readonly providerReserved?: number
  readonly reserved?: Readonly<Record<string, number>>
  readonly consumer?: Readonly<Record<string, OpenConsumer>>
}

const DOCUMENTS = listed(nonEmpty("the path of a file, or - for stdin"))

/** The flags that define a fleet, with how each value is read. */
export const FLEET_FLAGS: readonly Flag[] = [
  {
    usage: "-c, --config <file>",
    description:
      "a declaration, JSON or JavaScript (default: pool.config.json or .js in this directory, if there is one)",
    read: nonEmpty("the path of a file"),
  },
  {
    usage: "--allow-js",
    description: "run a JavaScript declaration although CI is set: it has all the rights of this job",
  },
  {
    usage: "-t, --terraform <file>",
    description: "the output of `terraform show -json`, a plan or a state; - is stdin; several add up",
    read: DOCUMENTS,
  },
  {
    usage: "-k, --kubernetes <file>",
    description: "rendered Kubernetes manifests, a file or a directory; - is stdin; several add up",
    read: listed(nonEmpty("the path of a file or a directory, or - for stdin")),
  },
  {
    usage: "--namespace <name>",
    description: "the namespace of Kubernetes objects that name none (default: any)",
    read: nonEmpty("the name of a namespace"),
  },
  {
    usage: "--compose <file>",
    description:
      "the output of `docker compose --profile '*' config --format json`; - is stdin; several add up",
    read: DOCUMENTS,
  },
  {
    usage: "--render <file>",
    description: "a Render Blueprint, the file render.yaml; - is stdin; several add up",
    read: DOCUMENTS,
  },
  {
    usage: "--app-spec <file>",
    description:
      "an app spec of DigitalOcean, the output of `doctl apps spec get`; - is stdin; several add up",
    read: DOCUMENTS,
  },
  {
    usage: "--pgbouncer <[name=]file>",
    description:
      "a pgbouncer.ini, whose pooler is in the sum; - is stdin; may be repeated with a name for each (default name: pgbouncer)",
    read: DOCUMENTS,
  },
  {
    usage: "--pgbouncer-version <version>",
    description: `the version of PgBouncer that has to start: what it does not know stops it (default of plan --format pgbouncer: ${versionText(USUAL_PGBOUNCER_VERSION)})`,
    read: readBy(readPgBouncerVersion),
  },
  {
    usage: "--pgbouncer-instances <n>",
    description:
      "the processes of PgBouncer, replicas x so_reuseport (default: as many as [peers] has, else 1)",
    read: integerOf(poolerRules.instances),
  },
  {
    usage: "--behind <name>",
    description:
      "a consumer, a job, or an address in the documents that connects through the pooler; may be repeated",
    read: listed(nonEmpty("the name of a consumer or a job, or an address in the documents")),
  },
  databaseFlag(
    `a database of the documents; may be repeated (default: ${urlVariable(undefined)} if only that is named, else ${urlVariable(CORE)})`,
    variablesListed,
  ),
  {
    usage: "--marker <variable>",
    description:
      "marks a consumer whose database address is assembled from parts, such as DB_HOST; may be repeated",
    read: listed(readBy(readMarker)),
  },
  {
    usage: "--size-variable <variable>",
    description: "states the pool size of a marked consumer, such as DB_POOL_SIZE",
    read: readBy(readSizeVariable),
  },
  {
    usage: "--server <address>",
    description: "the PostgreSQL server in the documents, if there are several",
    read: nonEmpty("the address of a server"),
  },
  {
    usage: "--exclude <address=reason>",
    description: "a resource of the documents that does not connect; may be repeated",
    read: reasonOf,
  },
  {
    usage: "--baseline <file>",
    description:
      "the acknowledged unknowns of the documents (default: pool.baseline.json in this directory, if there is one)",
  },
  {
    usage: "--max-connections <n>",
    description: "the server's answer to SHOW max_connections",
    read: integerOf(maxConnectionsRule),
  },
  {
    usage: "--superuser-reserved <n>",
    description: `superuser_reserved_connections (default: ${serverRules.superuserReserved.default})`,
    read: integerOf(serverRules.superuserReserved),
  },
  {
    usage: "--reserved-connections <n>",
    description: `reserved_connections, PostgreSQL 16 and later (default: ${serverRules.reservedConnections.default})`,
    read: integerOf(serverRules.reservedConnections),
  },
  {
    usage: "--provider-reserved <n>",
    description: `the slots that the provider keeps beyond these two (default: ${serverRules.providerReserved.default})`,
    read: integerOf(serverRules.providerReserved),
  },
  {
    usage: "--reserved <name=n>",
    description: "connections outside the fleet, such as metabase=10; may be repeated",
    read: pairOf("NAME=N, such as metabase=10", integerOf(reservedRule)),
  },
  {
    usage: "--consumer <name=instances[xsize][+surge]>",
    description: "a consumer of connections, such as api=4x20; may be repeated",
    read: pairOf(CONSUMER_SHAPE, consumerOf),
  },
]

/**
 * Merges the flags into a declaration: a flag takes precedence over the same field of the file. Both were read by the
 * same rules, and are not read again.
 *
 * @throws PoolConfigError naming the flags for a single server, if the declaration has several
 */
export function withFlags(config: FleetConfig, flags: FleetFlags): FleetConfig {
  const { maxConnections, superuserReserved, reservedConnections, providerReserved } = flags
  const { reserved, consumer, database, marker, sizeVariable, server, namespace, exclude } = flags
  if (config.servers !== undefined) refuseSingleServerFlags(flags)
  const deployments = present({
    ...config.deployments,
    keys: database ?? config.deployments?.keys,
    markers:
      marker === undefined
        ? config.deployments?.markers
        : [...new Set([...(config.deployments?.markers ?? []), ...marker])],
    sizeVariable: sizeVariable ?? config.deployments?.sizeVariable,
    server: server ?? config.deployments?.server,
    namespace: namespace ?? config.deployments?.namespace,
    exclude:
      exclude === undefined ? config.deployments?.exclude : { ...config.deployments?.exclude, ...exclude },
  })
  return present({
    ...config,
    maxConnections: maxConnections ?? config.maxConnections,
    superuserReserved: superuserReserved ?? config.superuserReserved,
    reservedConnections: reservedConnections ?? config.reservedConnections,
    providerReserved: providerReserved ?? config.providerReserved,
    reserved: reserved === undefined ? config.reserved : { ...config.reserved, ...reserved },
    consumers: consumer === undefined ? config.consumers : { ...config.consumers, ...consumer },
    deployments: Object.keys(deployments).length > 0 ? deployments : undefined,
  })
}

const SINGLE_SERVER_FLAGS = {
  "--max-connections": "maxConnections",
  "--superuser-reserved": "superuserReserved",
  "--reserved-connections": "reservedConnections",
  "--provider-reserved": "providerReserved",
  "--reserved": "reserved",
  "--consumer": "consumer",
} as const satisfies Readonly<Record<string, keyof FleetFlags>>

function refuseSingleServerFlags(flags: FleetFlags): void {
  const names = Object.entries(SINGLE_SERVER_FLAGS).filter(([, flag]) => flags[flag] !== undefined)
  if (names.length === 0) return
  throw new PoolConfigError(
    names.map(([name]) => ({
      name,
      problem: "is given with a declaration of several servers, and does not say for which",
      remedy: "Declare it under its server",
    })),
  )
}

function present<Value extends object>(value: Value) {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined))
}
