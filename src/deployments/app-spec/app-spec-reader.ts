import type { PoolConfigIssue } from "../../error.ts"
import type { FoundServer } from "../ceiling.ts"
import type { Findings } from "../findings.ts"
import { mentionIn } from "../mentions.ts"
import { type Addressed, forResource } from "../override.ts"
import type { DeployedWorkload, Reader } from "../reader.ts"
import { textsOf } from "./app.ts"
import { POOLER_PORT, PORT } from "./app-databases.ts"
import { ceilingOfSize } from "./cluster-ceiling.ts"
import { PLATFORM, workloadOf } from "./component-runs.ts"
import type { NamedSpec } from "./parse-app-spec.ts"
import { isPooler, noteParts, notePooler } from "./record-findings.ts"
import { readSpecFile, type SpecFile } from "./spec-file.ts"

/** Reads parsed app specs. Their databases may be the same cluster. */
export function readAppSpecs(named: readonly NamedSpec[], issues: PoolConfigIssue[]): Reader {
  const files = named.map((each) => readSpecFile(each, issues))
  const components = files.flatMap((file) => file.components)
  let texts: readonly string[] | undefined
  return {
    format: "app-spec",
    documents: named.map(({ name }) => ({ name, kind: "app-spec" })),
    incomplete: [],
    issues,
    servers: files.flatMap(({ databases }) => databases.flatMap(foundServer)),
    places: components,
    lasting: components.map(({ address }) => address),
    mentions(variable) {
      texts ??= components.flatMap(({ component }) => textsOf(component))
      return mentionIn(texts, variable)
    },
    read(sought, exclude, findings) {
      const included = components.filter((each) => isIncluded(each, exclude, findings))
      const read = included.flatMap(({ component, address, ownAddress }) =>
        isPooler(component)
          ? []
          : [{ component, deployed: deployed({ address, ownAddress }, workloadOf(component, sought)) }],
      )
      return {
        workloads: read.map((each) => each.deployed),
        recordUncounted(query, recorded) {
          for (const { component, address } of included)
            if (isPooler(component)) notePooler(address, recorded)
          for (const { component, deployed } of read) {
            for (const environment of deployed.after?.containers ?? [])
              noteParts(deployed.address, component, environment, query, recorded)
          }
          return new Map()
        },
      }
    },
  }
}

/** Reads a database. The cluster that it may be is in no spec. */
function foundServer({ address, ownAddress, database }: SpecFile["databases"][number]): FoundServer[] {
  const { attributes, cluster, host = "", isPostgres } = database
  if (!isPostgres) return []
  const size = attributes.text("size")
  const isKnown = size !== undefined && size !== ""
  return [
    {
      address,
      names: [address, ownAddress],
      nodeType: isKnown ? size : cluster === undefined ? "a development database" : "a cluster",
      documented: undefined,
      hosts: [host],
      port: PORT,
      poolerPort: POOLER_PORT,
      ...(cluster === undefined ? {} : { isOnlyNamed: true as const }),
      ...(isKnown
        ? ceilingOfSize(size)
        : {
            maxConnections: undefined,
            reason:
              cluster === undefined
                ? "is a development database, of which it is not documented"
                : "is a cluster whose size is not in the spec",
          }),
    },
  ]
}

/** Records an exclusion. */
function isIncluded(
  place: Addressed,
  exclude: Readonly<Record<string, string>>,
  { excluded }: Findings,
): boolean {
  const exclusion = forResource(exclude, place)
  if (exclusion !== undefined) excluded.push({ address: place.address, reason: exclusion.value })
  return exclusion === undefined
}

const deployed = (
  { address, ownAddress }: Addressed,
  after: DeployedWorkload["after"],
): DeployedWorkload => ({
  address,
  ownAddress,
  platform: PLATFORM,
  notation: "envs",
  after,
  // The spec does not say what runs now.
  before: undefined,
  isReplaced: false,
  isForgotten: false,
})
