import type { Bound, BoundName } from "../../sizing/index.ts"
import { usableConnections } from "../../sizing/usable-connections.ts"
import type { Allocation, Attribution, DeclaredFleet } from "./attribution.ts"
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

/** One of the bounds of a deploy: `total` is `held + undeclared`, and `deploy.total` has the surge as well. */
export interface DeployBound extends Bound, DeployParts {
  /** The origin of this bound: the server or the declaration. */
  readonly source: "server" | "declaration"
}

/** The verdict on a deploy to the server as it is now, in connections. */
export interface PreflightResult extends DeployParts {
  /** True if it is within every bound. */
  readonly fits: boolean
  /** The tightest of the bounds. */
  readonly binding: BoundName
  /** All bounds, the tightest first: the usable slots, and the limits of the database and the role, if they exist. */
  readonly bounds: readonly [DeployBound, ...DeployBound[]]
  /** The server's slots that ordinary roles may use. */
  readonly usable: number
  /** The slots needed: `held + undeclared + surge`. */
  readonly total: number
}

type LimitName = Exclude<BoundName, "maxConnections">

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
  const parts = partsOfServer(attribution)
  const usable = usableConnections(report.ceiling)
  const server = boundOf("maxConnections", "server", usable, parts)
  const limits = (["database", "role"] as const).flatMap((name) => {
    const ofServer = limitOfServer(report, name)
    const declared = fleet.check.bounds.find((bound) => bound.name === name)
    return [
      ...(ofServer < 0 ? [] : [boundOf(name, "server", ofServer, partsOfLimit(attribution, name))]),
      ...(declared === undefined
        ? []
        : [boundOf(name, "declaration", declared.limit, partsOfDeclaredLimit(attribution, name))]),
    ]
      .sort(byHeadroom)
      .slice(0, 1)
  })
  const [first = server, ...others] = [server, ...limits].sort(byHeadroom)
  return {
    fits: headroom(first) >= 0,
    binding: first.name,
    bounds: [first, ...others],
    usable,
    total: server.deploy.total,
    ...parts,
  }
}

/** A role's limit does not apply to a superuser; a fleet does not connect as one. */
function limitOfServer({ ceiling, session }: DatabaseReport, name: LimitName): number {
  if (name === "database") return ceiling.databaseLimit
  return session.isSuperuser ? -1 : ceiling.roleLimit
}

function partsOfServer({ allocations, undeclared }: Attribution): DeployParts {
  return {
    held: sum(allocations, ({ declared, seen }) => Math.max(declared, seen)),
    undeclared: sum(undeclared, ({ connections }) => connections),
    surge: sum(allocations, surgeOf),
  }
}

/**
 * Adds up the connections that count against a limit of the server. Reserved ones count as far as they are seen there.
 * The fleet counts as a whole, except for allocations seen with another database or role: a declaration does not say
 * which one a consumer uses.
 */
function partsOfLimit({ allocations, undeclared }: Attribution, name: LimitName): DeployParts {
  const mayGrow = (allocation: Allocation) =>
    isFleet(allocation) && (allocation.seen === 0 || allocation.against[name] > 0)
  return {
    held: sum(allocations, (allocation) =>
      Math.max(mayGrow(allocation) ? allocation.declared : 0, allocation.against[name]),
    ),
    undeclared: sum(undeclared, ({ against }) => against[name]),
    surge: sum(allocations.filter(mayGrow), surgeOf),
  }
}

/**
 * Adds up the connections that count against a declared limit, which covers consumers and jobs together, wherever they
 * are seen. Others do not count if the fleet is only seen with another database or role than the inspection's: their
 * figures for a monitoring role or its database say nothing.
 */
function partsOfDeclaredLimit({ allocations, undeclared }: Attribution, name: LimitName): DeployParts {
  const own = allocations.filter(isFleet)
  const isElsewhere = own.some(({ seen }) => seen > 0) && own.every(({ against }) => against[name] === 0)
  const others = isElsewhere ? [] : allocations.filter((allocation) => !isFleet(allocation))
  return {
    held:
      sum(own, ({ declared, seen }) => Math.max(declared, seen)) +
      sum(others, ({ against }) => against[name]),
    undeclared: isElsewhere ? 0 : sum(undeclared, ({ against }) => against[name]),
    surge: sum(own, surgeOf),
  }
}

const isFleet = ({ kind }: Allocation): boolean => kind !== "reserved"

const surgeOf = ({ declared, declaredInDeploy }: Allocation): number => declaredInDeploy - declared

function boundOf(
  name: BoundName,
  source: DeployBound["source"],
  limit: number,
  parts: DeployParts,
): DeployBound {
  const total = parts.held + parts.undeclared
  return { name, source, limit, total, deploy: { total: total + parts.surge }, ...parts }
}

const headroom = ({ limit, deploy }: DeployBound): number => limit - deploy.total

const byHeadroom = (one: DeployBound, other: DeployBound): number => headroom(one) - headroom(other)
