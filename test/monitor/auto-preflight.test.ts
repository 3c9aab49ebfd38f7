import { describe, expect, test } from "vitest"
import { attributionOf } from "../../src/monitor/inspect/attribution.ts"
import { type AutoProblem, autoRoles, judgeAuto } from "../../src/monitor/inspect/auto-preflight.ts"
import { buildReport } from "../../src/monitor/inspect/build-report.ts"
import type { ConnectionGroup, InspectionRow } from "../../src/monitor/inspect/inspection-row.ts"
import type { RoleRights } from "../../src/monitor/inspect/limit-rights.ts"
import { checkFleet, type Fleet } from "../../src/sizing/index.ts"

const group = (application: string, user: string, database = "core"): ConnectionGroup => ({
  database,
  user,
  application,
  client: "10.0.0.1",
  state: "idle",
  hidden: false,
  own: false,
  connections: 2,
  oldest: 5,
  onLocks: 0,
  onClient: 0,
})

const ROW: InspectionRow = {
  version: "18.4",
  versionNumber: 180004,
  sharedBuffers: "128MB",
  sharedBuffersBytes: 2 ** 27,
  isReplica: false,
  maxConnections: 200,
  superuserReserved: 3,
  reservedConnections: 0,
  providerReserved: 0,
  pid: 1,
  database: "core",
  role: "app",
  isSuperuser: false,
  mayUseReserved: false,
  seesEverything: true,
  databaseLimit: -1,
  roleLimit: -1,
  rowsOfDatabase: 0,
  groups: [],
  databaseLimits: {},
  roleLimits: {},
  superusers: [],
  longestQuery: null,
  longestIdleInTransaction: null,
  blocked: [],
  blockers: [],
}

const api = { poolSize: "auto", budget: 20, instances: 3 } as const

interface Case {
  readonly consumers?: Fleet["consumers"]
  readonly roles?: Readonly<Record<string, string>>
  readonly reserved?: Readonly<Record<string, number>>
  readonly row?: Partial<InspectionRow>
  /** The CONNECTION LIMIT of every role. */
  readonly limit?: number
  readonly behindPooler?: boolean
}

function judged({
  consumers = { api },
  roles = {},
  reserved = {},
  row,
  limit = 20,
  behindPooler = false,
}: Case) {
  const report = buildReport({ ...ROW, ...row }, behindPooler)
  const maxConnections = 200
  const check = checkFleet({ maxConnections, reserved, consumers })
  const fleet = { maxConnections, reserved, check, jobs: [], applications: {}, roles }
  const attribution = attributionOf(report, fleet)
  const asked = autoRoles(attribution, report)
  const rights = asked.map((role): RoleRights => {
    return { role, limit, isSuperuser: false, mayLimit: false, hasCreateRole: false, others: [] }
  })
  const { failures, warnings, rights: shown } = judgeAuto(attribution, report, rights)
  const kinds = (problems: readonly AutoProblem[]) => problems.map(({ kind }) => kind)
  return { asked, failures: kinds(failures), warnings: kinds(warnings), shown, all: failures }
}

const FINE = { failures: [], warnings: [] }

describe("the roles of consumers whose size is auto", () => {
  test("are asked for once, and judged by all that is declared for them", () => {
    const consumers = { api, worker: { ...api, budget: 15 } }
    expect(judged({ consumers, limit: 35 })).toMatchObject({ asked: ["app"], ...FINE })
    expect(judged({ consumers }).all).toEqual([
      {
        kind: "other limit",
        role: "app",
        limit: 20,
        uses: [
          { name: "api", connections: 20 },
          { name: "worker", connections: 15 },
        ],
      },
    ])
  })

  test("are whole only where they are seen, of which the beginning is declared", () => {
    const roles = { "api_*": "api" }
    const groups = [group("api#k3f9ab", "api_blue"), group("api#m3f9ab", "other")]
    expect(judged({ roles, row: { groups } })).toMatchObject({ asked: ["api_blue"], ...FINE })
    expect(judged({ roles })).toMatchObject({ asked: [], failures: [], warnings: ["unknown role"] })
  })

  test("have nothing of a reserve, which counts for no role", () => {
    expect(judged({ reserved: { metabase: 10 } })).toMatchObject(FINE)
  })

  test("are none without instances: their budget holds nothing", () => {
    const consumers = { api: { ...api, instances: 0, surge: 0 } }
    expect(judged({ consumers, limit: 7 })).toMatchObject({ asked: [], ...FINE })
  })

  test("say nothing behind a pooler, where auto is off", () => {
    expect(judged({ behindPooler: true })).toMatchObject({ failures: ["pooler"], warnings: [], shown: [] })
    expect(judged({ behindPooler: true, consumers: { api: { instances: 1, poolSize: 5 } } })).toMatchObject(
      FINE,
    )
  })
})

describe("a database that allows less than a budget", () => {
  const ofDatabases = (databaseLimits: Readonly<Record<string, number>>, groups: ConnectionGroup[] = []) =>
    judged({ row: { databaseLimits, groups } }).failures

  test("is that with which its pools are seen, else the one that is asked", () => {
    const elsewhere = [group("api#k3f9ab", "app", "shop")]
    expect(ofDatabases({ core: 19 })).toEqual(["small database"])
    expect(ofDatabases({ core: 19 }, elsewhere)).toEqual([])
    expect(ofDatabases({ shop: 19 }, elsewhere)).toEqual(["small database"])
  })

  test("is none that allows as much, and none without a limit, of any name", () => {
    expect(ofDatabases({ core: 20 })).toEqual([])
    expect(ofDatabases({}, [group("api#k3f9ab", "app", "constructor")])).toEqual([])
  })
})
