import type { Bound, BoundName } from "../../sizing/index.ts"
import { usableConnections } from "../../sizing/usable-connections.ts"
import { type Allocation, type Attribution, type DeclaredFleet, isMeant } from "./attribution.ts"
import type { DatabaseReport } from "./database-report.ts"
import { sum } from "./group-connections.ts"

/** The connections of a deploy, by origin. */
interface DeployParts {
  /** Declared or in use, the larger of the two for each allocation: Σ max(declared, seen). */
  readonly held: number
  /** In use and undeclared. */
  readonly undeclared: number
  /** Added by the deploy. */
  readonly surge: number
}

/** What counts against one bound. */
interface BoundParts extends DeployParts {
  /** The consumers, and the jobs, whose declared connections count against it. */
  readonly grows: readonly Pick<Allocation, "name" | "kind">[]
}

/** One of the bounds of a deploy: `total` is `held + undeclared`, and `deploy.total` has the surge as well. */
export interface DeployBound extends Bound, BoundParts {
  /** The origin of this bound: the server or the declaration. */
  readonly source: "server" | "declaration"
  /** The name of the database or the role whose limit of the server it is. */
  readonly owner?: string
}

/** The verdict on a deploy to the server as it is now, in connections. */
export interface PreflightResult extends DeployParts {
  /** True if it is within every bound. */
  readonly fits: boolean
  /** The tightest of the bounds. */
  readonly binding: BoundName
  /** All bounds, the tightest first: the usable slots, and every limit of a database or a role that the fleet uses. */
  readonly bounds: readonly [DeployBound, ...DeployBound[]]
  /** The server's slots that ordinary roles may use. */
  readonly usable: number
  /** The slots needed: `held + undeclared + surge`. */
  readonly total: number
}

type LimitName = Exclude<BoundName, "maxConnections">

/** A `CONNECTION LIMIT` of the server, and whose it is. */
interface ServerLimit {
  readonly name: LimitName
  readonly owner: string
  readonly limit: number
}

/**
 * Judges a deploy: `Σ max(declared, seen) + undeclared + Σ surge` must be within the usable slots, and the connections
 * that count against a limit within that limit. Declared pools may fill up at any moment, connections beyond them are
 * already in use, and the deploy adds its surge.
 */
export function judgeDeploy(
  report: DatabaseReport,
  attribution: Attribution,
  fleet: Pick<DeclaredFleet, "check">,
): PreflightResult {
  const { grows, ...parts } = partsOfServer(attribution)
  const usable = usableConnections(report.ceiling)
  const server = boundOf("maxConnections", "server", usable, { ...parts, grows })
  const limits = limitsOf(report).flatMap((limit) => {
    const ofLimit = partsOfLimit(withoutLogins(attribution, fleet), limit, report)
    return ofLimit === undefined ? [] : [boundOf(limit.name, "server", limit.limit, ofLimit, limit.owner)]
  })
  const declared = (["database", "role"] as const).flatMap((name) => {
    const bound = fleet.check.bounds.find((each) => each.name === name)
    if (bound === undefined) return []
    const owner = report.session[name]
    return [
      boundOf(
        name,
        "declaration",
        bound.limit,
        partsOfDeclaredLimit(withoutLogins(attribution, fleet), name, owner),
      ),
    ]
  })
  const [first = server, ...others] = [server, ...limits, ...declared].sort(byHeadroom)
  return {
    fits: headroom(first) >= 0,
    binding: first.name,
    bounds: [first, ...others],
    usable,
    total: server.deploy.total,
    ...parts,
  }
}

function limitsOf({ ceiling }: DatabaseReport): ServerLimit[] {
  const all = { database: ceiling.databaseLimits, role: ceiling.roleLimits }
  return (["database", "role"] as const).flatMap((name) =>
    Object.entries(all[name]).map(([owner, limit]) => ({ name, owner, limit })),
  )
}

function partsOfServer({ allocations, undeclared }: Attribution): BoundParts {
  return {
    grows: namesOf(allocations.filter(isFleet)),
    held: sum(allocations, ({ declared, seen }) => Math.max(declared, seen)),
    undeclared: sum(undeclared, ({ connections }) => connections),
    surge: sum(allocations, surgeOf),
  }
}

/** Leaves out the logins beside a budget: a limit refuses them before they count against it. */
function withoutLogins(
  { allocations, ...others }: Attribution,
  { check: { consumers } }: Pick<DeclaredFleet, "check">,
): Attribution {
  return {
    ...others,
    allocations: allocations.map((allocation) => {
      const { steady = 0, deploy = 0 } =
        (allocation.kind === "consumer" ? consumers[allocation.name]?.logins : undefined) ?? {}
      return {
        ...allocation,
        declared: allocation.declared - steady,
        declaredInDeploy: allocation.declaredInDeploy - deploy,
      }
    }),
  }
}

/** Counts the connections of a database or a role. */
const against = ({ shares }: Pick<Allocation, "shares">, name: LimitName, owner: string): number =>
  sum(shares, (share) => (share[FIELDS[name]] === owner ? share.connections : 0))

const FIELDS = { database: "database", role: "user" } as const

/**
 * Adds up the connections that count against a limit of the server. Reserved ones count as far as they are seen there,
 * and all of an allocation of the fleet that uses this database or role: it is seen with it, or declared with it. One
 * that is neither seen nor declared with any counts for those of the inspection. Undefined if the fleet has no part in
 * it, so that the deploy changes nothing.
 */
function partsOfLimit(
  { allocations, undeclared }: Attribution,
  { name, owner }: ServerLimit,
  { session }: DatabaseReport,
): BoundParts | undefined {
  const mayGrow = (allocation: Allocation) => {
    if (!isFleet(allocation)) return false
    if (against(allocation, name, owner) > 0) return true
    if (name === "role" && allocation.roles.length > 0)
      return allocation.roles.some((role) => isMeant(role, owner))
    return allocation.seen === 0 && session[name] === owner
  }
  const growing = allocations.filter(mayGrow)
  if (growing.length === 0 && session[name] !== owner) return undefined
  return {
    grows: namesOf(growing),
    held: sum(allocations, (allocation) =>
      Math.max(mayGrow(allocation) ? allocation.declared : 0, against(allocation, name, owner)),
    ),
    undeclared: sum(undeclared, (each) => against(each, name, owner)),
    surge: sum(growing, surgeOf),
  }
}

/**
 * Adds up the connections that count against a declared limit, which covers consumers and jobs together, wherever they
 * are seen. Others do not count if the fleet is only seen with another database or role than the inspection's: their
 * figures for a monitoring role or its database say nothing.
 */
function partsOfDeclaredLimit(
  { allocations, undeclared }: Attribution,
  name: LimitName,
  owner: string,
): BoundParts {
  const own = allocations.filter(isFleet)
  const isElsewhere =
    own.some(({ seen }) => seen > 0) && own.every((allocation) => against(allocation, name, owner) === 0)
  const others = isElsewhere ? [] : allocations.filter((allocation) => !isFleet(allocation))
  return {
    grows: namesOf(own),
    held:
      sum(own, ({ declared, seen }) => Math.max(declared, seen)) +
      sum(others, (allocation) => against(allocation, name, owner)),
    undeclared: isElsewhere ? 0 : sum(undeclared, (each) => against(each, name, owner)),
    surge: sum(own, surgeOf),
  }
}

const namesOf = (allocations: readonly Allocation[]) => allocations.map(({ name, kind }) => ({ name, kind }))

const isFleet = ({ kind }: Allocation): boolean => kind !== "reserved"

const surgeOf = ({ declared, declaredInDeploy }: Allocation): number => declaredInDeploy - declared

function boundOf(
  name: BoundName,
  source: DeployBound["source"],
  limit: number,
  parts: BoundParts,
  owner?: string,
): DeployBound {
  const total = parts.held + parts.undeclared
  const bound = { name, source, limit, total, deploy: { total: total + parts.surge }, ...parts }
  return owner === undefined ? bound : { ...bound, owner }
}

const headroom = ({ limit, deploy }: DeployBound): number => limit - deploy.total

const byHeadroom = (one: DeployBound, other: DeployBound): number => headroom(one) - headroom(other)
