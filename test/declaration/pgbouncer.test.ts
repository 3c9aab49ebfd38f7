import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { findFleetBounds } from "../../src/declaration/fleet-bounds.ts"
import type { FleetConfig } from "../../src/declaration/fleet-config.ts"
import { verdictOf } from "../../src/declaration/verdict.ts"
import { pgbouncer } from "../deployments/pgbouncer-files.ts"
import { names, refusal } from "../support/bad-values.ts"

type Options = Parameters<typeof pgbouncer>[1] & {
  readonly instances?: number
  readonly behind?: readonly string[]
}

const CONFIG: FleetConfig = {
  maxConnections: 200,
  consumers: { api: { instances: 10, poolSize: 5, surge: 0, pooler: "pgbouncer" } },
}
const AUTH = { "users.txt": '"app" "x"\n"jobs" "x"\n' }
const SETTINGS = "pool_mode = transaction\nquery_wait_timeout = 20\nmax_client_conn = 1000\n"
const ini = (entries: string, settings = "", users = "") =>
  `[databases]\n${entries}\n[pgbouncer]\nauth_file = users.txt\n${SETTINGS}${settings}\n[users]\n${users}\n`

const rangesOf = (
  text: string,
  config: FleetConfig = {},
  { instances = 1, behind = [], ...options }: Options = {},
) =>
  findFleetBounds({ ...CONFIG, ...config }, [], undefined, "declaration", {
    files: [pgbouncer(text, { files: AUTH, ...options })],
    behind,
    instances,
  })

function rangeOf(...given: Parameters<typeof rangesOf>) {
  const [found] = rangesOf(...given)
  if (found === undefined) throw new Error("no server")
  return found[1]
}

const judged = (...given: Parameters<typeof rangesOf>) => {
  const range = rangeOf(...given)
  const { verdict, lowest, highest } = verdictOf(range, { deploy: "warn" })
  const pools = ({ total, poolers = {} }: typeof lowest) => total - (poolers["pgbouncer"]?.orphans ?? 0)
  return { verdict, pools: [pools(lowest), pools(highest)], range, highest }
}

describe("the pools of a pgbouncer.ini are in the sum:", () => {
  test.each([
    ["the default size of an entry with one user", "a = host=db user=app", "", 20],
    ["the size of the entry", "a = host=db user=app pool_size=7", "default_pool_size = 30", 7],
    [
      "a reserve by its old name and its new one",
      "a = host=db user=app reserve_pool=3\nb = host=db user=app reserve_pool_size=4",
      "",
      47,
    ],
    [
      "two entries for one database",
      "a = host=db dbname=x user=app\nb = host=db dbname=x user=app",
      "default_pool_size = 5",
      10,
    ],
    [
      "a cap for each entry",
      "a = host=db user=app\nb = host=db user=app max_db_connections=4",
      "max_db_connections = 9",
      13,
    ],
    [
      "a cap of 0, which is the default one",
      "a = host=db user=app max_db_connections=0",
      "max_db_connections = 9",
      9,
    ],
    [
      "a negative size, which is the default one",
      "a = host=db user=app pool_size=-1",
      "default_pool_size = 8",
      8,
    ],
    [
      "the lookups of auth_user in each entry",
      "a = host=db user=app auth_user=look\nb = host=db user=app auth_user=look",
      "default_pool_size = 5",
      20,
    ],
    [
      "the lookups in one entry",
      "a = host=db user=app\nb = host=db user=app",
      "auth_user = look\nauth_dbname = a\ndefault_pool_size = 5",
      15,
    ],
  ])("%s", (_, entries, settings, connections) => {
    const { verdict, pools, range } = judged(ini(entries, settings))
    expect(range.unknowns).toEqual([])
    expect(pools).toEqual([connections, connections])
    expect(verdict).toBe("fits")
  })

  test.each([
    ["what [users] says comes before the entry", "app = pool_size=3 reserve_pool_size=1", 4],
    ["a cap of a user is for all entries", "app = max_user_connections=6", 6],
  ])("%s, for declared pairs", (_, users, connections) => {
    const pairs = [{ database: "a", user: "app" }]
    const config = { poolers: { pgbouncer: { instances: 1, surge: 0, pools: pairs } } }
    expect(judged(ini("a = host=db pool_size=40", "", users), config).pools).toEqual([
      connections,
      connections,
    ])
  })

  test("times the processes", () => {
    expect(judged(ini("a = host=db user=app"), {}, { instances: 3 }).pools).toEqual([60, 60])
    const [peers, shared] = [
      "[peers]\n1 = host=x\n2 = host=y\n",
      "[pgbouncer]\nso_reuseport = 1\npool_mode = transaction\n",
    ]
    const of = (text: string) =>
      findFleetBounds(CONFIG, [], undefined, "declaration", {
        files: [pgbouncer(text, { files: AUTH })],
        behind: [],
      })
    const [[, two] = []] = of(`${ini("a = host=db user=app", "peer_id = 1")}${peers}`)
    expect(two?.highest.poolers?.["pgbouncer"]?.instances).toBe(2)
    const [[, any] = []] = of(`[databases]\na = host=db user=app\n${shared}`)
    expect(any?.unknowns.map(({ name, isUnbounded }) => [name, isUnbounded])).toEqual([
      ["pgbouncer.ini:4: so_reuseport", true],
    ])
  })
})

describe("what a file does not tell leaves the verdict open:", () => {
  const forced = "a = host=db user=app"
  test.each([
    [
      "which of several users connect",
      ini("a = host=db pool_size=100\nb = host=db pool_size=5"),
      {},
      [105, 210],
    ],
    ["users that are looked up", ini("a = host=db auth_user=look"), {}, [40, 40]],
    [
      "users that are looked up, within the cap of the entry",
      ini("a = host=db auth_user=look max_db_connections=198"),
      {},
      [40, 198],
    ],
    ["users of a file that is not there", ini("a = host=db"), { files: {} }, [20, 20]],
    ["databases that only clients name", ini("* = host=db user=app"), {}, [20, 20]],
    ["no limit of a pool", ini(forced, "default_pool_size = 0"), { version: 24 }, [1, 10_000]],
    ["a file that is not there", ini(forced, "%include gone.ini"), {}, [20, 20]],
    ["several servers", ini(`${forced} pool_size=150\nb = host=other user=app pool_size=50`), {}, [1, 200]],
    [
      "a port of another server",
      ini(`${forced} pool_size=150\nb = host=db port=5433 user=app pool_size=50`),
      {},
      [1, 200],
    ],
    ["how many clients an entry takes", ini(`${forced} max_db_client_connections=20`), {}, [20, 20]],
    ["session mode of some entries", ini(`${forced}\nb = host=db user=app pool_mode=session`), {}, [40, 40]],
  ] as const)("%s", (_, text, options, pools) => {
    const found = judged(text, {}, options)
    expect([found.verdict, found.pools]).toEqual(["unknown", pools])
  })

  test("ports of several servers on the declared host", () => {
    const config = { deployments: { hosts: ["DB."] } }
    const text = ini(`${forced} pool_size=150\nb = host=db port=5433 user=app pool_size=50`)
    expect(judged(text, config)).toMatchObject({ verdict: "unknown", pools: [1, 200] })
    expect(judged(text.replace("port=5433", "port=5432"), config).pools).toEqual([200, 200])
  })

  test("and a declaration says it", () => {
    const declared = (pools: number | { database: string; user: string }[]) => ({
      poolers: { pgbouncer: { instances: 1, surge: 0, pools } },
    })
    expect(
      judged(ini("* = host=db pool_size=6 auth_user=look"), declared([{ database: "core", user: "app" }])),
    ).toMatchObject({
      verdict: "fits",
      pools: [12, 12],
    })
    expect(judged(ini("* = host=db pool_size=6"), declared(3))).toMatchObject({
      verdict: "fits",
      pools: [18, 18],
    })
    const sizes = ini("a = host=db pool_size=6\nb = host=db pool_size=9")
    expect(judged(sizes, declared(3))).toMatchObject({ verdict: "fits", pools: [27, 27] })
    expect(
      names(refusal(() => judged(ini("a = host=db"), declared([{ database: "b", user: "app" }])))),
    ).toEqual(["poolers.pgbouncer.pools[0].database"])
  })

  test("and no field is both declared and in the file", () => {
    const poolers = { pgbouncer: { instances: 1, poolSize: 5, maxClientConnections: 10 } }
    expect(names(refusal(() => rangeOf(ini("a = host=db"), { poolers })))).toEqual([
      "poolers.pgbouncer.poolSize",
      "poolers.pgbouncer.maxClientConnections",
    ])
  })
})

describe("the clients of a pgbouncer.ini", () => {
  test("are within max_client_conn, which is 100 where it is left out", () => {
    const text = ini("a = host=db user=app").replace("max_client_conn = 1000\n", "")
    const found = judged(text, {
      consumers: { api: { instances: 10, poolSize: 10, surge: 0, pooler: "pgbouncer" } },
    })
    expect(found.verdict).toBe("does not fit")
    expect(found.highest.bindingTier).toBe("poolers.pgbouncer")
    expect(found.highest.nextSteps.join()).toContain("80 % of 1 × 100 max_client_conn")
  })

  test("are no more than the pools have in session mode, the default", () => {
    const text = (size: number) =>
      ini("a = host=db user=app", `default_pool_size = ${size}`).replace("pool_mode = transaction\n", "")
    expect(judged(text(50)).verdict).toBe("fits")
    const { verdict, highest } = judged(text(49))
    expect(verdict).toBe("does not fit")
    expect(highest.nextSteps.join()).toContain(
      "50 of 49, as many as its pools have connections, since in session mode",
    )
    expect(highest.nextSteps.join()).toContain("set pool_mode = transaction")
    // A size of 0 is as much as the cap leaves.
    const capped = text(0).replace("\n[users]", "\nmax_db_connections = 60\n[users]")
    expect(judged(capped).verdict).toBe("fits")
    // Of two processes, each may get more than its half.
    expect(judged(text(32), {}, { instances: 2 }).verdict).toBe("fits")
    expect(judged(text(31), {}, { instances: 2 }).highest.nextSteps.join()).toContain(
      "50 of 49, 80 % of the connections that its pools have, since in session mode",
    )
  })

  test("have the smallest of several pools in session mode, or all of them", () => {
    const text = (b: string, settings = "default_pool_size = 30") =>
      ini(`a = host=db user=app\nb = host=db ${b}`, settings).replace("pool_mode = transaction\n", "")
    const named = ({ verdict, range }: ReturnType<typeof judged>) => [
      verdict,
      range.unknowns.map(({ name }) => name),
    ]
    expect(named(judged(text("user=app")))).toEqual(["unknown", ["poolers.pgbouncer.poolMode"]])
    expect(judged(text("user=app pool_size=50", "default_pool_size = 50")).verdict).toBe("fits")
    expect(judged(text("user=app pool_size=49", "default_pool_size = 50")).verdict).toBe("unknown")
    // Of an entry with two users, each of whom has a pool.
    expect(judged(text("").replace("a = host=db user=app\n", "")).verdict).toBe("unknown")
    // Of one whose users are looked up, of whom the cap says nothing.
    const looked = "auth_user = lookup\nauth_dbname = b\nmax_db_connections = 60"
    expect(judged(text("", looked).replace("a = host=db user=app\n", "")).verdict).toBe("unknown")
    // The pool of the role that looks them up has no client.
    const pools = [{ database: "b", user: "api" }]
    const small = `${looked}\ndefault_pool_size = 50\n[users]\nlookup = pool_size=2`
    const listed = { poolers: { pgbouncer: { instances: 1, surge: 0, pools } } }
    expect(named(judged(text("", small).replace("a = host=db user=app\n", ""), listed))).toEqual(["fits", []])
    const counted = { poolers: { pgbouncer: { instances: 1, surge: 0, pools: 2 } } }
    expect(named(judged(text("user=app pool_size=60", "default_pool_size = 5"), counted))).toEqual([
      "unknown",
      ["poolers.pgbouncer.poolMode", "pgbouncer.ini: pool_mode"],
    ])
  })

  test("are those that --behind names", () => {
    const consumers = { api: { instances: 10, poolSize: 5, surge: 0 } }
    const text = ini("a = host=db user=app")
    expect(judged(text, { consumers }).range.unknowns.map(({ name }) => name)).toEqual(["poolers.pgbouncer"])
    expect(judged(text, { consumers }).verdict).toBe("unknown")
    expect(judged(text, { consumers }, { behind: ["api"] })).toMatchObject({
      verdict: "fits",
      pools: [20, 20],
    })
    expect(names(refusal(() => judged(text, {}, { behind: ["ghost"] })))).toEqual(["--behind ghost"])
  })
})

describe("each of several servers", () => {
  const servers = {
    primary: {
      maxConnections: 100,
      hosts: ["db"],
      consumers: { api: { instances: 2, poolSize: 5, surge: 0, pooler: "pgbouncer" } },
    },
    replica: {
      maxConnections: 50,
      hosts: ["db-ro"],
      consumers: { reports: { instances: 1, poolSize: 5, surge: 0 } },
    },
  }
  const fleet = (text: string) =>
    findFleetBounds({ servers }, [], undefined, "declaration", {
      files: [pgbouncer(text, { files: AUTH })],
      behind: [],
      instances: 1,
    })

  test("has the entries that lead to it", () => {
    const [[, primary] = [], [, replica] = []] = fleet(ini("a = host=db user=app"))
    expect(primary?.highest.poolers?.["pgbouncer"]?.pools).toEqual([{ database: "a", user: "app of a" }])
    expect(primary?.unknowns).toEqual([])
    expect(replica?.highest.poolers).toBeUndefined()
  })

  test("shares max_client_conn with the others, which leaves the verdict open", () => {
    const [[, primary] = [], [, replica] = []] = fleet(
      ini("a = host=db user=app\nb = host=db-ro user=app\nc = host=x user=app"),
    )
    const databases = (range: typeof primary, end: "lowest" | "highest") => {
      const { pools } = range?.[end].poolers?.["pgbouncer"] ?? {}
      return typeof pools === "object" ? pools.map(({ database }) => database) : pools
    }
    expect([databases(primary, "lowest"), databases(primary, "highest")]).toEqual([["a"], ["a", "c"]])
    expect([databases(replica, "lowest"), databases(replica, "highest")]).toEqual([["b"], ["b", "c"]])
    expect(primary?.unknowns.map(({ name }) => name)).toContain("pgbouncer.ini:9: max_client_conn")
    const known = fleet(ini("a = host=db user=app pool_size=5\nb = host=db-ro user=app"))[0]?.[1]
    expect(known?.unknowns.map(({ name }) => name)).toEqual(["pgbouncer.ini:8: max_client_conn"])
    expect(known && verdictOf(known, { deploy: "warn" }).verdict).toBe("unknown")
  })
})

describe("what contradicts itself is named:", () => {
  const text = (settings: string, entries = "a = host=db user=app") => ini(entries, settings)
  test.each([
    [
      "waiting for longer than pool_timeout",
      text("query_wait_timeout = 120"),
      {},
      "above the 20 of pool_timeout",
    ],
    ["waiting without an end", text("query_wait_timeout = 0"), {}, "which is no limit"],
    [
      "a schema that is dropped",
      text("ignore_startup_parameters = extra_float_digits, options"),
      {},
      "drops options",
    ],
    ["no prepared statements", text("max_prepared_statements = 0"), {}, "max_prepared_statements: is 0"],
    ["no prepared statements of the version", text(""), { version: 18 }, "from 1.21 on"],
    [
      "lookups in each entry",
      text("auth_user = look", "a = host=db user=app\nb = host=db user=app"),
      {},
      "set auth_dbname",
    ],
    [
      "a plain connection to another machine",
      text("server_tls_sslmode = disable"),
      {},
      "1 entry leads to another machine",
    ],
    ["a plain connection by default", text(""), { version: 19 }, "is disable by default"],
  ])("%s", (_, ini, options, warning) => {
    const { verdict, range } = judged(ini, {}, options)
    expect(range.warnings.join("\n")).toContain(warning)
    expect(verdict).toBe("fits")
  })

  test("and nothing is named of a file without", () => {
    expect(judged(text("server_tls_sslmode = verify-full"), {}, { version: 24 }).range.warnings).toEqual([])
  })

  test.each([
    ["statement mode", text("pool_mode = statement"), {}, "pgbouncer.ini:8: pool_mode"],
    [
      "statement mode of an entry",
      text("", "a = host=db user=app pool_mode=statement"),
      {},
      "pgbouncer.ini:2: a.pool_mode",
    ],
    ["lookups in no entry", text("auth_user = look\nauth_dbname = gone"), {}, "pgbouncer.ini:2: a"],
    [
      "a parameter of a later version",
      text("max_prepared_statements = 9"),
      { version: 18 },
      "pgbouncer.ini:8: max_prepared_statements",
    ],
    [
      "a pool of no connection",
      text("default_pool_size = 0"),
      { version: 23 },
      "pgbouncer.ini:8: default_pool_size of a",
    ],
  ])("%s does not fit", (_, ini, options, name) => {
    const { verdict, range } = judged(ini, {}, options)
    expect(range.failures.map((failure) => failure.name)).toEqual([name])
    expect(verdict).toBe("does not fit")
  })
})

test("what is not known of a file never turns the verdict", () => {
  const size = fc.integer({ min: 1, max: 30 })
  const entry = fc.record({
    pool: fc.option(size),
    cap: fc.option(fc.integer({ min: 1, max: 60 })),
    users: fc.constantFrom("app", "jobs", "both", "forced"),
  })
  const file = fc.record({
    entries: fc.array(entry, { minLength: 1, maxLength: 4 }),
    size,
    ofUser: fc.option(size),
    maxConnections: fc.integer({ min: 20, max: 150 }),
    hidden: fc.constantFrom("pairs", "auth_file", "lookups", "fallback"),
  })
  fc.assert(
    fc.property(file, ({ entries, size, ofUser, maxConnections, hidden }) => {
      const lines = entries.map(({ pool, cap, users }, index) =>
        [
          `d${index} = host=db`,
          pool && `pool_size=${pool}`,
          cap && `max_db_connections=${cap}`,
          users === "forced" && "user=app",
        ]
          .filter(Boolean)
          .join(" "),
      )
      const pairs = entries.flatMap(({ users }, index) =>
        (users === "both" ? ["app", "jobs"] : [users === "jobs" ? "jobs" : "app"]).map((user) => ({
          database: `d${index}`,
          user,
        })),
      )
      const users = ofUser === null ? "" : `app = pool_size=${ofUser}`
      const text = ini(lines.join("\n"), `default_pool_size = ${size}`, users)
      const open =
        hidden === "lookups"
          ? ini(
              [...lines, "x = host=db user=app auth_user=look"].join("\n"),
              `default_pool_size = ${size}`,
              users,
            )
          : hidden === "fallback"
            ? ini([...lines, "* = host=db"].join("\n"), `default_pool_size = ${size}`, users)
            : text
      const own = hidden === "lookups" ? [...pairs, { database: "x", user: "app" }] : pairs
      const pooler = { pgbouncer: { instances: 1, surge: 0 } }
      const truth = judged(open, {
        maxConnections,
        poolers: { pgbouncer: { ...pooler.pgbouncer, pools: own } },
      }).verdict
      const guess = judged(
        open,
        { maxConnections, poolers: pooler },
        hidden === "auth_file" ? { files: {} } : {},
      ).verdict
      expect(["unknown", truth]).toContain(guess)
    }),
  )
})
