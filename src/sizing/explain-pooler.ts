import { label } from "../error.ts"
import type { Phases } from "./auto-budget.ts"
import { countPools, mostInProcess, uncappedInProcess } from "./capped-pools.ts"
import type { ParsedPooler } from "./parse-poolers.ts"
import { CLIENT_PERCENT, isLimitedBySessions, type PoolerTotals, takenBy } from "./pooler-totals.ts"

/** What a pooler takes of the server: its processes times what each opens, and backends without a client. */
export function poolerTerm(
  { name, instances, surge }: ParsedPooler,
  totals: PoolerTotals,
  phase: keyof Phases,
): { readonly connections: number; readonly text: string } {
  const connections = takenBy(totals)[phase]
  const isDeploy = phase === "deploy" && surge > 0
  const count = isDeploy ? `(${instances} + ${surge})` : `${instances}`
  const processes = isDeploy ? instances + surge : instances
  const orphans = totals.orphans[phase] > 0 ? ` + ${totals.orphans[phase]} orphans` : ""
  return {
    connections,
    text: `${connections} ${label(name)} (${count} × ${totals.server[phase] / processes}${orphans})`,
  }
}

/** `2 pools × (20 + 5 in reserve) = 50, capped at 40`; pools of several sizes are added up. */
export function explainProcess(
  { pools, reservePoolSize, areAlike }: Pick<ParsedPooler, "pools" | "reservePoolSize" | "areAlike">,
  size: number,
): string {
  const [most, uncapped, count] = [
    mostInProcess(pools, size),
    uncappedInProcess(pools, size),
    countPools(pools[0]),
  ]
  const each = reservePoolSize > 0 ? `(${size} + ${reservePoolSize} in reserve)` : `${size}`
  const sum = `${count} ${count === 1 ? "pool" : "pools"}${areAlike ? ` × ${each}` : " of several sizes"}`
  return `${sum} = ${uncapped}${most < uncapped ? `, capped at ${most}` : ""}`
}

/** `80 % of 2 × 1000 max_client_conn`; in session mode what the pools have, if that is less. */
export function explainCapacity(
  pooler: Pick<ParsedPooler, "instances" | "minInstances" | "mode" | "maxClientConnections" | "clientPools">,
  totals: Pick<PoolerTotals, "sessions">,
): string {
  const { instances, minInstances, maxClientConnections = 0 } = pooler
  if (isLimitedBySessions(pooler, totals)) {
    const pools = countPools(pooler.clientPools) > 1 ? "the smallest of its pools has" : "its pools have"
    const share =
      minInstances > 1
        ? `${CLIENT_PERCENT} % of the connections that ${pools}`
        : `as many as ${pools} connections`
    return `${share}, since in session mode (pool_mode) each client holds one`
  }
  const fewest = minInstances < instances ? ", with the fewest processes that there may be" : ""
  return `${CLIENT_PERCENT} % of ${minInstances} × ${maxClientConnections} max_client_conn${fewest}`
}
