import { isTemplate, normalHost } from "../deployments/destination.ts"
import type { FrontPooler } from "../deployments/front-poolers.ts"
import type { ExplicitOverride, Unknown } from "../deployments/index.ts"
import { fileConflicts } from "../deployments/pgbouncer/conflicts.ts"
import { placesOf, type ServerHosts, whereIs, whereIsAny } from "../deployments/pgbouncer/entry-servers.ts"
import { type FilePooler, filePooler } from "../deployments/pgbouncer/file-pooler.ts"
import type { PgBouncerFile } from "../deployments/pgbouncer/read-pgbouncer.ts"
import { DEFAULTS, numberOf } from "../deployments/pgbouncer/settings.ts"
import { PoolConfigError, type PoolConfigIssue } from "../error.ts"
import type { Assumption, OpenPooler } from "../sizing/index.ts"
import { byName } from "../sizing/names.ts"
import { assumedPoolers } from "./assumed-poolers.ts"
import type { DeployedProcesses } from "./deployed-processes.ts"
import type { DeclaredPooler } from "./fleet-config.ts"
import { mostRoom, unknownSpread } from "./session-pools.ts"

/** The files of PgBouncers, with what the flags say of them. */
export interface PoolerFiles {
  readonly files: readonly PgBouncerFile[]
  /** The processes of each, where that is given. */
  readonly instances?: number
  /** Consumers and jobs, and addresses in documents, that connect through the only pooler. */
  readonly behind: readonly string[]
}

export const NO_FILES: PoolerFiles = { files: [], behind: [] }

/** The poolers of one server, declared and by their files. */
export interface ServerPoolers {
  readonly lowest: Readonly<Record<string, OpenPooler>>
  readonly highest: Readonly<Record<string, OpenPooler>>
  readonly fronts: readonly FrontPooler[]
  /** The files of those that have one. */
  readonly files: readonly PgBouncerFile[]
  readonly unknowns: readonly Unknown[]
  readonly assumptions: readonly Assumption[]
  readonly failures: readonly PoolConfigIssue[]
  readonly warnings: readonly string[]
  readonly incomplete: readonly string[]
  readonly explicit: readonly ExplicitOverride[]
  /** The addresses of deployed poolers that these are. */
  readonly matched: readonly string[]
}

type Declared = Readonly<Record<string, DeclaredPooler>>

/**
 * Finds the poolers of a server.
 *
 * @param prefix of the server's fields in the declaration
 * @throws PoolConfigError for everything that PgBouncer itself refuses in a file, and for what is both declared and in a file
 */
export function serverPoolers(
  declared: Declared,
  { files, instances }: PoolerFiles,
  hosts: ServerHosts,
  prefix: string,
  deployed: ReadonlyMap<string, DeployedProcesses>,
): ServerPoolers {
  const issues = files.flatMap((file) => [...file.issues, ...declaredTwice(file, declared, prefix)])
  const read = files.map((file) => {
    const path = `${prefix}poolers.${file.name}`
    const { hosts: _, ...own }: Partial<DeclaredPooler> = declared[file.name] ?? {}
    const pods = deployed.get(file.name)
    const given = instances ?? own.instances
    const counted = given === undefined ? podsOf(file, pods) : undefined
    const beside = { ...own, ...processesBeside(own, pods, given ?? counted) }
    const found = filePooler(file, hosts, beside, given ?? counted, path)
    return { file, ...found, ...(counted === undefined ? {} : { bounds: withFewest(found.bounds, pods) }) }
  })
  const all = [...issues, ...read.flatMap((each) => each.issues)]
  if (all.length > 0) throw new PoolConfigError(all)
  const here = read.filter(({ bounds }) => bounds !== undefined)
  const stated = Object.entries(declared)
    .filter(([name]) => !files.some((file) => file.name === name))
    .map(
      ([name, { hosts: _, ...pooler }]) =>
        [name, { ...pooler, ...processesBeside(pooler, deployed.get(name)) }] as const,
    )
  const at = (end: "lowest" | "highest") =>
    assumedPoolers(
      byName([
        ...stated,
        ...here.flatMap(({ file, bounds }) => (bounds ? [[file.name, bounds[end]] as const] : [])),
      ]),
      prefix,
    )
  const highest = at("highest")
  const pods = [...deployed.values()]
  const hostsOf = (name: string) =>
    [...(declared[name]?.hosts ?? []), ...(deployed.get(name)?.pooler.hosts ?? [])].map(normalHost)
  return {
    lowest: mostRoom(at("lowest").poolers),
    highest: highest.poolers,
    fronts: [
      ...stated.map(([name]) => ({
        name,
        hosts: hostsOf(name),
        port: DEFAULTS.listen_port,
        whereIs: () => "here" as const,
      })),
      ...here.map(({ file }) => frontOf(file, hostsOf(file.name), hosts)),
    ],
    files: here.map(({ file }) => file),
    unknowns: [
      ...unknownSpread(highest.poolers, prefix),
      ...here.flatMap((each) => each.unknowns),
      ...pods.flatMap(({ findings }) => findings.unknowns),
    ],
    assumptions: [
      ...highest.assumptions,
      ...here.flatMap((each) => each.assumptions),
      ...pods.flatMap(({ findings }) => findings.assumptions),
      ...[...deployed].flatMap((each) => assumedSurge(each, declared, prefix)),
    ],
    explicit: pods.flatMap(({ findings }) => findings.explicit),
    matched: pods.map(({ pooler }) => pooler.address),
    failures: here.flatMap(({ file, failures }) => [
      ...file.failures,
      ...failures,
      ...fileConflicts(file).failures,
    ]),
    warnings: [
      ...here.flatMap(({ file }) => [...file.warnings, ...fileConflicts(file).warnings]),
      ...[...deployed].flatMap(([name, { pooler, use }]) => {
        const given = instances ?? declared[name]?.instances
        return given === undefined || given === use.instances
          ? []
          : [
              `${pooler.address}: has ${use.instances} pods, and ${given} processes are given for ${name}, which count`,
            ]
      }),
    ],
    incomplete: here.flatMap(({ file }) => file.incomplete),
  }
}

/** The processes that read a file are its pods, unless each has several, which only the file tells of. */
const podsOf = (file: PgBouncerFile, pods: DeployedProcesses | undefined): number | undefined =>
  numberOf(file, "so_reuseport", DEFAULTS.so_reuseport) === 0 ? pods?.use.instances : undefined

/** What the pods say of the processes where the declaration does not. */
function processesBeside(
  stated: Partial<Pick<DeclaredPooler, "instances" | "minInstances" | "surge">>,
  pods: DeployedProcesses | undefined,
  instances = stated.instances ?? 1,
): Pick<OpenPooler, "surge" | "minInstances"> {
  const { surge = pods?.use.surge, minInstances = pods?.use.fewest } = stated
  return {
    ...(surge === undefined ? {} : { surge }),
    ...(minInstances === undefined ? {} : { minInstances: Math.min(minInstances, instances) }),
  }
}

function withFewest(bounds: FilePooler["bounds"], pods: DeployedProcesses | undefined): FilePooler["bounds"] {
  const { lowestInstances, lowestSurge } = pods?.use ?? {}
  if (bounds === undefined) return undefined
  return {
    highest: bounds.highest,
    lowest: {
      ...bounds.lowest,
      ...(lowestInstances === undefined ? {} : fewerProcesses(bounds.lowest, Math.max(1, lowestInstances))),
      ...(lowestSurge === undefined ? {} : { surge: lowestSurge }),
    },
  }
}

const fewerProcesses = ({ minInstances }: OpenPooler, instances: number) => ({
  instances,
  ...(minInstances === undefined ? {} : { minInstances: Math.min(minInstances, instances) }),
})

/** Says what a rollout of the pods is taken to add. */
const assumedSurge = (
  [name, { pooler, use }]: readonly [string, DeployedProcesses],
  declared: Declared,
  prefix: string,
): Assumption[] =>
  declared[name]?.surge !== undefined || use.surge === 0
    ? []
    : [
        {
          name: `${prefix}poolers.${name}.surge`,
          assumed: `a deploy of ${pooler.address} runs ${use.instances} old + ${use.surge} new pods, each with full pools`,
          remedy: "If the old ones stop first, set surge to 0",
        },
      ]

/** @param own the hosts that lead to it */
function frontOf(file: PgBouncerFile, own: readonly string[], server: ServerHosts): FrontPooler {
  const places = placesOf([...file.databases.values()], server)
  return {
    name: file.name,
    hosts: own,
    port: numberOf(file, "listen_port", DEFAULTS.listen_port),
    whereIs: (database) =>
      database === undefined || isTemplate(database) ? whereIsAny(places) : whereIs(places, database),
  }
}

/** What a file does not say: everything else of a pooler comes from it. */
const BESIDE_A_FILE: readonly string[] = [
  "instances",
  "minInstances",
  "surge",
  "pools",
  "databases",
  "users",
  "orphans",
  "hosts",
] satisfies readonly (keyof DeclaredPooler)[]

const declaredTwice = (
  { name, file }: PgBouncerFile,
  declared: Declared,
  prefix: string,
): readonly PoolConfigIssue[] =>
  Object.keys(declared[name] ?? {})
    .filter((field) => !BESIDE_A_FILE.includes(field))
    .map((field) => ({
      name: `${prefix}poolers.${name}.${field}`,
      problem: `is declared, and ${file} says it too`,
      remedy: `Declare only what the file does not have: ${BESIDE_A_FILE.join(", ")}`,
    }))
