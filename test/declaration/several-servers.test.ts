import { describe, expect, test } from "vitest"
import { findFleetBounds } from "../../src/declaration/fleet-bounds.ts"
import type { FleetConfig } from "../../src/declaration/fleet-config.ts"
import { readFleetConfig } from "../../src/declaration/read-fleet-config.ts"
import { type Verdict, verdictOf } from "../../src/declaration/verdict.ts"
import { readTerraform } from "../../src/deployments/terraform/terraform-reader.ts"
import { consumer, container, namespace, server } from "../deployments/resources.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"

const leadingTo = (name: string, host: string, more: Readonly<Record<string, string>> = {}) =>
  consumer(name, {
    environment_variables: {
      DATABASE_URL_CORE: `postgresql://u@${host}/x`,
      PRISMA_POOL_SIZE_CORE: "5",
      ...more,
    },
  })

/** The verdict of each server with its steady total, and the problems. */
function judged(config: FleetConfig, ...resources: readonly PlannedResource[]) {
  const documents = [{ name: "", json: plan([namespace, ...resources]) }]
  const bounds = findFleetBounds(readFleetConfig(config), [readTerraform(documents)])
  const problems = bounds.flatMap(([, { unknowns }]) =>
    unknowns.map(({ name, problem }) => `${name} ${problem}`),
  )
  const verdicts = bounds.map(([name, range]): [string, Verdict["verdict"], number] => {
    const { verdict, highest } = verdictOf(range, { deploy: "fail" })
    return [name, verdict, highest.total]
  })
  return { verdicts, problems }
}

test("servers that are named by their addresses have the hosts that the plan has for them", () => {
  const servers = {
    a: { server: "scaleway_rdb_instance.main" },
    b: { server: "scaleway_rdb_instance.second" },
  }
  const second = server("second", { load_balancer: [{ hostname: "second.example.org", port: 5432 }] })
  const both = [consumer("api"), leadingTo("stats", "second.example.org")]
  expect(judged({ servers }, server("main"), second, ...both)).toEqual({
    verdicts: [
      ["a", "fits", 10],
      ["b", "fits", 5],
    ],
    problems: [],
  })
})

describe("a URL with a host that nobody named", () => {
  const b = { maxConnections: 9, consumers: { metabase: { instances: 1, poolSize: 1, surge: 0 } } }

  test("does not make the sum of a server too large for certain", () => {
    const servers = { a: { maxConnections: 100 }, b }
    const { verdicts, problems } = judged({ servers }, consumer("api"))
    expect(verdicts).toEqual([
      ["a", "fits", 10],
      ["b", "unknown", 11],
    ])
    expect(problems).toHaveLength(2)
    expect(problems[1]).toContain("leads to a host that no server declares")
  })

  test("counts on the one that names it since", () => {
    const servers = { a: { maxConnections: 100, hosts: ["db.example.org"] }, b }
    expect(judged({ servers }, consumer("api"))).toEqual({
      verdicts: [
        ["a", "fits", 10],
        ["b", "fits", 1],
      ],
      problems: [],
    })
  })
})

test("one host in front of two servers leads to each of them", () => {
  const servers = {
    a: { maxConnections: 100, hosts: ["db.example.org"] },
    b: { maxConnections: 100, hosts: ["db.example.org"] },
  }
  const api = leadingTo("api", "db.example.org", { DATABASE_URL: "postgresql://u@db.example.org/other" })
  const { verdicts } = judged({ servers }, api)
  expect(verdicts.map(([, verdict]) => verdict)).toEqual(["unknown", "unknown"])
})

describe("a server where no pool of the plan leads", () => {
  const a = { maxConnections: 100, hosts: ["db.example.org"] }
  const b = { maxConnections: 100, hosts: ["replica.example.org"] }
  const metabase = { instances: 1, poolSize: 10, surge: 0 }

  test("is judged by what is declared for it", () => {
    const servers = { a, b: { ...b, consumers: { metabase } } }
    expect(judged({ servers }, consumer("api")).verdicts).toEqual([
      ["a", "fits", 10],
      ["b", "fits", 10],
    ])
  })

  test("is unknown where nothing is, and where nothing in the plan connects at all", () => {
    expect(judged({ servers: { a, b } }, consumer("api")).verdicts[1]).toEqual(["b", "unknown", 0])
    const servers = { a: { ...a, consumers: { metabase } }, b: { ...b, consumers: { metabase } } }
    const { verdicts } = judged({ servers }, container("widget"))
    expect(verdicts.map(([, verdict]) => verdict)).toEqual(["unknown", "unknown"])
  })
})

test("an empty list of keys is refused: it would leave out the variable that is looked for by default", () => {
  const servers = { a: { maxConnections: 100, keys: ["DATABASE_URL"] }, b: { maxConnections: 100, keys: [] } }
  expect(() => judged({ servers }, consumer("api"))).toThrow("servers.b.keys: is an empty array")
})

test("a host that nobody named is unknown where hosts are, under a ceiling that was given", () => {
  const given = (hosts: readonly string[]) => ({ maxConnections: 100, deployments: { hosts } })
  expect(judged(given(["primary.internal"]), consumer("api"))).toEqual({
    verdicts: [["", "unknown", 10]],
    problems: [
      "scaleway_container.api leads to another host than the given hosts, and a ceiling belongs to one server",
    ],
  })
  expect(judged(given(["primary.internal", "db.example.org"]), consumer("api")).problems).toEqual([])
})

describe("a marked consumer of several servers", () => {
  const marked = (name: string, environment_variables: Readonly<Record<string, string>>) =>
    container(name, { environment_variables: { DB_POOL_SIZE: "7", ...environment_variables } })
  const servers = (markers: Readonly<Record<string, readonly string[]>> = {}) => ({
    a: { maxConnections: 100, hosts: ["a.example.org"], ...markers },
    b: { maxConnections: 100, hosts: ["b.example.org"] },
  })
  const deployments = { markers: ["DB_HOST"], sizeVariable: "DB_POOL_SIZE" }

  test("counts on the server whose host it has", () => {
    const api = marked("api", { DB_HOST: "b.example.org" })
    expect(judged({ servers: servers(), deployments }, leadingTo("stats", "a.example.org"), api)).toEqual({
      verdicts: [
        ["a", "fits", 5],
        ["b", "fits", 7],
      ],
      problems: [],
    })
  })

  test("may count on each where its host cannot be seen, as with a URL, and on the one that has its marker", () => {
    const api = marked("api", { DB_HOST: "$(HOST)" })
    const { verdicts, problems } = judged({ servers: servers(), deployments }, api)
    expect(verdicts.map(([, , total]) => total)).toEqual([7, 7])
    expect(problems.join()).toContain("cannot be seen, so it may lead to this server or to another")
    const tied = judged(
      { servers: servers({ markers: ["DB_HOST"] }), deployments: { sizeVariable: "DB_POOL_SIZE" } },
      api,
    )
    expect(tied.verdicts.map(([, , total]) => total)).toEqual([7, 0])
  })
})
