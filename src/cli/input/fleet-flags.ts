import { type Command, Option } from "commander"
import { CORE, urlVariable } from "../../config/database-variables.ts"
import type { FleetConfig } from "../../declaration/fleet-config.ts"
import { PoolConfigError } from "../../error.ts"
import { reservedRule, serverRules } from "../../sizing/fleet-rules.ts"
import type { OpenConsumer } from "../../sizing/index.ts"
import { maxConnectionsRule } from "../../validation/numbers.ts"
import { databaseFlag, variablesListed } from "./database-flag.ts"
import { CONSUMER_SHAPE, consumerOf, listed, named, pairOf, reasonOf, wholeNumberOf } from "./flag-values.ts"

/** The flags that say what a fleet is. */
export interface FleetFlags {
  readonly config?: string
  /** Runs a declaration in JavaScript in CI too. */
  readonly allowJs?: boolean
  readonly terraform?: readonly string[]
  /** The variables that hold the URLs. */
  readonly database?: readonly string[]
  readonly server?: string
  readonly exclude?: Readonly<Record<string, string>>
  readonly baseline?: string
  readonly maxConnections?: number
  readonly superuserReserved?: number
  readonly reservedConnections?: number
  readonly reserved?: Readonly<Record<string, number>>
  readonly consumer?: Readonly<Record<string, OpenConsumer>>
}

export function withFleetFlags(command: Command): Command {
  const options = [
    new Option(
      "-c, --config <file>",
      "a declaration, JSON or JavaScript (default: pool.config.json or .js in this directory, if there is one)",
    ).argParser(named("the path of a file")),
    new Option(
      "--allow-js",
      "run a declaration that is JavaScript although CI is set: it has all the rights of this job",
    ),
    new Option(
      "-t, --terraform <file>",
      "what `terraform show -json` prints, a plan or a state; - is stdin; several add up",
    ).argParser(listed(named("the path of a file, or - for stdin"))),
    databaseFlag(
      `a database of the plan, may be repeated (default: ${urlVariable(CORE)} where anything has it, else ${urlVariable(undefined)})`,
    ).argParser(variablesListed),
    new Option("--server <address>", "the PostgreSQL server in the plan, where there are several").argParser(
      named("the address of a server"),
    ),
    new Option(
      "--exclude <address=reason>",
      "a resource of the plan that does not connect; may be repeated",
    ).argParser(reasonOf),
    new Option(
      "--baseline <file>",
      "what of the plan's unknowns was acknowledged (default: pool.baseline.json in this directory, if there is one)",
    ),
    new Option("--max-connections <n>", "what the server answers to SHOW max_connections").argParser(
      wholeNumberOf(maxConnectionsRule),
    ),
    new Option(
      "--superuser-reserved <n>",
      `superuser_reserved_connections (default: ${serverRules.superuserReserved.default})`,
    ).argParser(wholeNumberOf(serverRules.superuserReserved)),
    new Option(
      "--reserved-connections <n>",
      `reserved_connections, PostgreSQL 16 and later (default: ${serverRules.reservedConnections.default})`,
    ).argParser(wholeNumberOf(serverRules.reservedConnections)),
    new Option(
      "--reserved <name=n>",
      "connections outside the fleet, such as metabase=10; may be repeated",
    ).argParser(pairOf("NAME=N, such as metabase=10", wholeNumberOf(reservedRule))),
    new Option(
      "--consumer <name=instances[xsize][+surge]>",
      "what opens connections, such as api=4x20; may be repeated",
    ).argParser(pairOf(CONSUMER_SHAPE, consumerOf)),
  ]
  for (const option of options) command.addOption(option)
  return command
}

/**
 * A declaration with the flags in it: a flag counts before the same field of the file. Both were read by the same rules,
 * and are not read again.
 *
 * @throws PoolConfigError naming the flags that say something of one server, where the declaration has several
 */
export function withFlags(config: FleetConfig, flags: FleetFlags): FleetConfig {
  const { maxConnections, superuserReserved, reservedConnections, reserved, consumer } = flags
  const { database, server, exclude } = flags
  if (config.servers !== undefined) refuseOneServers(flags)
  const terraform = present({
    ...config.terraform,
    keys: database ?? config.terraform?.keys,
    server: server ?? config.terraform?.server,
    exclude: exclude === undefined ? config.terraform?.exclude : { ...config.terraform?.exclude, ...exclude },
  })
  return present({
    ...config,
    maxConnections: maxConnections ?? config.maxConnections,
    superuserReserved: superuserReserved ?? config.superuserReserved,
    reservedConnections: reservedConnections ?? config.reservedConnections,
    reserved: reserved === undefined ? config.reserved : { ...config.reserved, ...reserved },
    consumers: consumer === undefined ? config.consumers : { ...config.consumers, ...consumer },
    terraform: Object.keys(terraform).length > 0 ? terraform : undefined,
  })
}

const ONE_SERVERS = {
  "--max-connections": "maxConnections",
  "--superuser-reserved": "superuserReserved",
  "--reserved-connections": "reservedConnections",
  "--reserved": "reserved",
  "--consumer": "consumer",
} as const satisfies Readonly<Record<string, keyof FleetFlags>>

function refuseOneServers(flags: FleetFlags): void {
  const names = Object.entries(ONE_SERVERS).filter(([, flag]) => flags[flag] !== undefined)
  if (names.length === 0) return
  throw new PoolConfigError(
    names.map(([name]) => ({
      name,
      problem: "stands beside a declaration of several servers, and nobody can tell which of them it is for",
      remedy: "Declare it with its server",
    })),
  )
}

function present<Value extends object>(value: Value) {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined))
}
