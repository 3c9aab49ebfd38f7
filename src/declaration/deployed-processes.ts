import { useOf } from "../deployments/container-pools.ts"
import { type DeployedPooler, deployedPoolers } from "../deployments/deployed-pooler.ts"
import type { DeploymentOptions } from "../deployments/deployment-options.ts"
import { normalHost } from "../deployments/destination.ts"
import { type Findings, noFindings } from "../deployments/findings.ts"
import { forResource } from "../deployments/override.ts"
import type { Reader } from "../deployments/reader.ts"
import { noteWorkload } from "../deployments/record-workload.ts"
import { isService, mayRun, type ServiceUse } from "../deployments/resource-pool.ts"
import type { DeclaredPooler } from "./fleet-config.ts"

/** The pods of a pooler that a declaration or a file has the settings of. */
export interface DeployedProcesses {
  readonly pooler: DeployedPooler
  readonly use: ServiceUse
  /** What the documents leave open of their number. */
  readonly findings: Findings
}

/**
 * Finds the deployed pooler that each declared one is: by its hosts, or without any by its name. Where several fit, or one fits
 * several, it is none of them.
 *
 * @param names of the declared poolers, and of those with a file
 */
export function deployedProcesses(
  names: readonly string[],
  declared: Readonly<Record<string, DeclaredPooler>>,
  readers: readonly Reader[],
  { exclude, override = {} }: Pick<DeploymentOptions, "exclude" | "override">,
): ReadonlyMap<string, DeployedProcesses> {
  const deployed = deployedPoolers(readers, exclude)
  const fitting = names.map((name) => {
    const hosts = (declared[name]?.hosts ?? []).map(normalHost)
    const isMeant = (pooler: DeployedPooler) =>
      hosts.length === 0
        ? pooler.names.includes(name)
        : pooler.hosts.some((host) => hosts.some((own) => isOneService(own, normalHost(host))))
    return [name, deployed.filter(isMeant)] as const
  })
  const found = new Map<string, DeployedProcesses>()
  for (const [name, [pooler, ...others]] of fitting) {
    if (pooler === undefined || others.length > 0) continue
    if (fitting.filter(([, poolers]) => poolers.includes(pooler)).length > 1) continue
    const stated = forResource(override, pooler)?.value
    const use = useOf(pooler.workload, stated)
    // One that is scaled to none is not what the file or the declaration counts.
    if (!isService(use) || !mayRun(use)) continue
    const findings = noFindings()
    noteWorkload(pooler.address, pooler.workload, stated, [], findings)
    if ((declared[name]?.hosts ?? []).length === 0) {
      findings.assumptions.push({
        name: `poolers.${name}`,
        assumed: `${pooler.address} is this one, by its name`,
        remedy: `If it is another one, declare the hosts of ${name}, in poolers.${name}.hosts`,
      })
    }
    found.set(name, { pooler, use, findings })
  }
  return found
}

/** True if two names are of one Service: `db` is `db.prod`, where either says no namespace. */
const isOneService = (one: string, other: string): boolean =>
  one === other ||
  (!one.includes(".") && other.startsWith(`${one}.`)) ||
  (!other.includes(".") && one.startsWith(`${other}.`))
