import { deployedPoolers } from "../deployments/deployed-pooler.ts"
import type { Unknown } from "../deployments/index.ts"
import type { Reader } from "../deployments/reader.ts"
import { PoolConfigError } from "../error.ts"
import type { OpenFleet } from "../sizing/index.ts"
import { idlePoolers, unknownPoolers } from "../sizing/pooler-links.ts"
import type { FleetConfig } from "./fleet-config.ts"
import type { PoolerFiles, ServerPoolers } from "./server-poolers.ts"

/** A declaration with what the flags say connects through the only pooler, and the addresses that documents may have. */
export interface BehindPooler {
  readonly config: FleetConfig
  /** The pooler by address, as in `override`. */
  readonly stated: Readonly<Record<string, string>>
}

/** @throws PoolConfigError if there is not one pooler, or a name that nothing has */
export function withBehind(
  config: FleetConfig,
  { files, behind }: PoolerFiles,
  readers: readonly Reader[],
): BehindPooler {
  if (behind.length === 0) return { config, stated: {} }
  const fleets = [config, ...Object.values(config.servers ?? {})]
  const named = [
    ...files.map(({ name }) => name),
    ...fleets.flatMap(({ poolers = {} }) => Object.keys(poolers)),
  ]
  const names = new Set(named.length > 0 ? named : poolersWithSettings(config, readers))
  const [pooler, ...others] = names
  if (pooler === undefined || others.length > 0) {
    throw new PoolConfigError([
      {
        name: "--behind",
        problem: `is for the only pooler, and there are ${names.size}`,
        remedy: "Give the file of one with --pgbouncer; of several, declare the pooler of each consumer",
      },
    ])
  }
  const declared = new Set(
    fleets.flatMap(({ consumers = {}, jobs = [] }) => [
      ...Object.keys(consumers),
      ...jobs.map(({ name }) => name),
    ]),
  )
  const addresses = behind.filter((name) => !declared.has(name))
  if (readers.length === 0 && addresses.length > 0) {
    throw new PoolConfigError(
      addresses.map((name) => ({
        name: `--behind ${name}`,
        problem: "is neither a consumer nor a job",
        remedy: "Give the name of one",
      })),
    )
  }
  const { servers } = config
  const own = withPooler(config, behind, pooler)
  return {
    config:
      servers === undefined
        ? own
        : {
            ...own,
            servers: Object.fromEntries(
              Object.entries(servers).map(([name, fleet]) => [name, withPooler(fleet, behind, pooler)]),
            ),
          },
    stated: Object.fromEntries(addresses.map((address) => [address, pooler])),
  }
}

/** The poolers whose settings the documents have. */
const poolersWithSettings = ({ deployments }: FleetConfig, readers: readonly Reader[]): string[] =>
  deployedPoolers(readers, deployments?.exclude).flatMap(({ address, config }) =>
    config === undefined ? [] : [address],
  )

function withPooler<Part extends Pick<FleetConfig, "consumers" | "jobs">>(
  part: Part,
  behind: readonly string[],
  pooler: string,
): Part {
  const { consumers, jobs } = part
  return {
    ...part,
    ...(consumers === undefined
      ? {}
      : {
          consumers: Object.fromEntries(
            Object.entries(consumers).map(([name, consumer]) => [
              name,
              behind.includes(name) ? { ...consumer, pooler } : consumer,
            ]),
          ),
        }),
    ...(jobs === undefined
      ? {}
      : { jobs: jobs.map((job) => (behind.includes(job.name) ? { ...job, pooler } : job)) }),
  }
}

/**
 * Refuses a consumer of a pooler that is not there, and a declared pooler that nothing connects through. What connects
 * through one that has a file, or beside documents, may not be known: that leaves the verdict open.
 */
export function openLinks(
  { consumers, jobs = [], poolers = {} }: Pick<OpenFleet, "consumers" | "jobs" | "poolers">,
  { files }: Pick<ServerPoolers, "files">,
  hasDocuments: boolean,
  prefix: string,
): Unknown[] {
  const fleet = { consumers: Object.entries(consumers), jobs, poolers: Object.entries(poolers) }
  const idle = idlePoolers(fleet).map((conflict) => ({ ...conflict, pooler: String(conflict.path[1]) }))
  const isOpen = ({ pooler }: { readonly pooler: string }) =>
    hasDocuments || files.some(({ name }) => name === pooler)
  const refused = [...unknownPoolers(fleet), ...idle.filter((each) => !isOpen(each))]
  if (refused.length > 0) {
    throw new PoolConfigError(
      refused.map(({ path, problem, remedy }) => ({ name: `${prefix}${pathText(path)}`, problem, remedy })),
    )
  }
  return idle.filter(isOpen).map(({ pooler }) => ({
    cause: "consumers",
    name: `${prefix}poolers.${pooler}`,
    problem:
      "has no consumer or job that is known to connect through it, so that its clients are not counted",
    between: "0 or any number of clients",
    remedy: "Name those that do: --behind NAME, or pooler of each in the declaration",
    isUnbounded: true,
  }))
}

const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : text === "" ? String(part) : `${text}.${String(part)}`,
    "",
  )
