import { describe, expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { names, refusal } from "../support/bad-values.ts"
import { plan } from "../support/terraform-plan.ts"
import { container, namespace, server } from "./resources.ts"

const own = { load_balancer: [{ ip: "51.15.0.1", hostname: "one.pg.example.com", port: 5432 }] }

const unaddressed = { load_balancer: [] }

const leadingTo = (name: string, host: string) =>
  container(name, {
    environment_variables: { DATABASE_URL_CORE: `postgresql://u:p@${host}/core`, PRISMA_POOL_SIZE_CORE: "5" },
  })

const read = (hosts: readonly string[], values = {}, options: object = {}) =>
  fleetFromTerraform(
    plan([server("main", values), namespace, ...hosts.map((host, index) => leadingTo(`c${index}`, host))]),
    options,
  )

const unknowns = (...args: Parameters<typeof read>) =>
  read(...args).unknowns.map(({ name, problem }) => `${name} ${problem}`)

describe("a URL that leads to another server than the one whose ceiling counts is unknown:", () => {
  test("a host that is none of the server's own", () => {
    expect(unknowns(["51.15.0.1", "ONE.pg.example.com.", "two.pg.example.com"], own)).toEqual([
      "scaleway_container.c2 leads to another host than those of scaleway_rdb_instance.main, and a ceiling belongs to one server",
    ])
  })

  test("a host beside a server whose addresses are not known", () => {
    const hosts = ["db.example.org", "db.example.org"]
    expect(unknowns(hosts, unaddressed)).toEqual(
      hosts.map(
        (_, index) =>
          `scaleway_container.c${index} leads to a host, and the documents do not say whether it is scaleway_rdb_instance.main`,
      ),
    )
    expect(unknowns(hosts, unaddressed, { hosts: ["db.example.org"] })).toEqual([])
    expect(unknowns(hosts, unaddressed, { maxConnections: 200 })).toEqual([])
  })

  test("where the ceiling was given, another host than most have", () => {
    const hosts = ["db.example.org", "other.example.org", "db.example.org"]
    expect(unknowns(hosts, unaddressed, { maxConnections: 200 })).toEqual([
      "scaleway_container.c1 leads to another host than scaleway_container.c0 does, and a ceiling belongs to one server",
    ])
  })

  test("another port of the same host, which may be a pooler's", () => {
    expect(unknowns(["51.15.0.1", "51.15.0.1", "51.15.0.1:6432"], own)).toEqual([
      "scaleway_container.c2 leads to another port than scaleway_container.c0 does, and a ceiling belongs to one server",
    ])
  })

  test("with a ceiling that was given, too", () => {
    expect(unknowns(["a.example.org", "b.example.org"], {}, { maxConnections: 200 })).toHaveLength(1)
  })

  test("and nothing is counted less", () => {
    const { highest, unknowns: found } = read(["51.15.0.1", "two.example.org"], own)
    expect(Object.keys(highest.consumers)).toHaveLength(2)
    expect(found).toMatchObject([{ isUnbounded: true }])
  })
})

describe("it is none of that to", () => {
  test("lead to the one host that all have, where the ceiling was given", () => {
    expect(unknowns(["db.internal", "DB.internal"], own, { maxConnections: 200 })).toEqual([])
  })

  test("have a name that is said to be the server's", () => {
    const options = { hosts: ["db.internal"] }
    expect(unknowns(["51.15.0.1", "db.internal"], own, options)).toEqual([])
    expect(
      unknowns(["db.internal", "10.0.0.4"], unaddressed, { hosts: ["db.internal", "10.0.0.4"] }),
    ).toEqual([])
  })

  test.each(["localhost", "127.0.0.1", "[::1]", "%2Fcloudsql%2Fp%3Ar%3Ai"])(
    "lead to %s, which says nothing",
    (host) => {
      expect(unknowns(["51.15.0.1", host], own)).toEqual([])
    },
  )

  test("have a URL that is known only after apply", () => {
    const hidden = container(
      "hidden",
      { environment_variables: { PRISMA_POOL_SIZE_CORE: "5" } },
      { unknown: { environment_variables: { DATABASE_URL_CORE: true } } },
    )
    const fleet = fleetFromTerraform(
      plan([server("main", own), namespace, hidden, leadingTo("api", "51.15.0.1")]),
    )
    expect(fleet.unknowns).toEqual([])
  })
})

test("no host of a plan is said", () => {
  const fleet = read(["51.15.0.1", "two.secret.example.org"], own)
  const { highest: _, lowest: __, open: ___, ...said } = fleet
  expect(JSON.stringify(said)).not.toContain("secret")
  expect(JSON.stringify(fleet.highest)).not.toContain("secret")
})

test.each([["a.example.org:5432"], ["user@a.example.org/x"], [""], [5]])(
  "%j is refused as a host",
  (host) => {
    const error = refusal(() => read([], {}, { hosts: [host] }))
    expect(names(error)).toEqual(["hosts[0]"])
  },
)
