import type { ClientPairs } from "./client-pairs.ts"
import type { DeployedTier } from "./deployed-tiers.ts"
import type { Findings, Unknown } from "./findings.ts"

/** Records a pooler without known clients. Those that it has may be anywhere. */
export function noteIdle({ address }: DeployedTier, { unknowns }: Findings): void {
  unknowns.push({
    cause: "type",
    address,
    name: address,
    problem: "is a pooler, and nothing is known to connect through it",
    between: "0 or any number of clients, and the connections that it opens for them",
    remedy: "Name what does with --behind, or exclude the pooler with a reason",
    isUnbounded: true,
  })
}

export function noteHidden(
  address: string,
  { hidden, pools }: ClientPairs,
  least: number,
  { unknowns }: Findings,
): void {
  unknowns.push({
    cause: "count",
    address,
    attribute: "pools",
    name: `${address}.pools`,
    problem: `are one for each database and user, and those of ${hidden} of its clients cannot be seen`,
    between: `${least} to ${pools} pools in each process`,
    remedy: "Give the documents that have their URLs, or declare the pooler with its pools, and exclude it",
  })
}

/** Records a pair that may have more clients than connections. */
export const noteUneven = (
  address: string,
  { isUnbounded }: Pick<Unknown, "isUnbounded">,
  { unknowns }: Findings,
) =>
  unknowns.push({
    cause: "count",
    address,
    attribute: "poolMode",
    name: `${address}.poolMode`,
    problem:
      "is session, in which a client holds a connection of its own pool, and the clients of one database and user may be more than that has",
    between: "as many clients as one of its pools has connections, or as many as max_client_conn takes",
    remedy: `${isUnbounded ? "Use" : "Do nothing if it fits. Else use"} transaction mode, or give each pool as many connections as its clients have`,
    ...(isUnbounded ? { isUnbounded } : {}),
  })

/** Records a pooler without a process: what connects through it gets no connection. */
export const noteOff = ({ address }: DeployedTier, clients: number, { failures }: Findings) =>
  failures.push({
    name: address,
    problem: `has no process, and ${clients} of the counted pools connect through it`,
    remedy: "Set its instances to 1 or more, or connect to the server itself",
  })

export const noteSurge = (address: string, instances: number, surge: number, { assumptions }: Findings) =>
  assumptions.push({
    name: `${address}.surge`,
    assumed: `a deploy of the pooler runs ${surge} more processes beside its ${instances}, each with full pools`,
    remedy: "If the old ones stop first, override surge with 0",
  })

export function noteSettings({ address, config }: DeployedTier, { unknowns }: Findings): void {
  const shown = "Set it to a value that the documents show"
  for (const { setting, remedy = shown, ...unknown } of config.unknown) {
    unknowns.push({
      cause: "size",
      address,
      attribute: setting,
      name: `${address}: ${setting}`,
      ...unknown,
      remedy,
    })
  }
  if (config.isPaused !== true) return
  unknowns.push({
    cause: "type",
    address,
    name: address,
    problem: "is a pooler that is paused: its clients wait, and it opens its connections once it goes on",
    between: "no connection, or all of its pools",
    remedy: "Leave paused out",
    isUnbounded: true,
  })
}
