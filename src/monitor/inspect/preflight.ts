import type { Bound, BoundName } from "../../sizing/index.ts"
import { usableConnections } from "../../sizing/usable-connections.ts"
import type { Allocation, Attribution, DeclaredFleet } from "./attribution.ts"
import type { DatabaseReport } from "./database-report.ts"
import { sum } from "./group-connections.ts"

/** The connections of a deploy, by where they come from. */
interface DeployParts {
  /** What is declared, or what is seen where that is more: Σ max(declared, seen). */
  readonly held: number
  /** What is seen and nobody declared. */
  readonly undeclared: number
  /** What the deploy adds. */
  readonly surge: number
}

/** One of the bounds of a deploy: `total` is `held + undeclared`, and `deploy.total` has the surge as well. */
export interface DeployBound extends Bound, DeployParts {
  /** Whether the server has this bound, or the declaration states it. */
  readonly source: "server" | "declaration"
}

/** Whether a deploy fits the server as it is now, in connections. */
export interface PreflightResult extends DeployParts {
  /** Whether it is within every bound. */
  readonly fits: boolean
  /** The tightest of the bounds. */
  readonly binding: BoundName
  /** All of them, the tightest first: the usable slots, and each limit of the database and the role that there is. */
  readonly bounds: readonly [DeployBound, ...DeployBound[]]
  /** Of the server's slots, what ordinary roles may use. */
  readonly usable: number
  /** Of those, `held + undeclared + surge`. */
  readonly total: number
}

type LimitName = Exclude<BoundName, "maxConnections">

/**
 * `Σ max(declared, seen) + undeclared + Σ surge` within the usable slots, and within each limit what counts against that: what
 * is declared may fill up at any moment, what is there and more than that is there, and the deploy comes on top.
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

/** A limit of a role does not hold for a superuser, and the fleet is none. */
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
 * What counts against a limit of the server. Of what is reserved outside the fleet, that is what is seen there. Of the fleet it is
 * everything but what is seen with another database or role: nobody declares which one a consumer uses.
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
 * The same for a limit that is declared, which is for consumers and jobs together, wherever they are seen. Others count where the
 * fleet is: with a monitoring role, or in its database, they say nothing.
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
