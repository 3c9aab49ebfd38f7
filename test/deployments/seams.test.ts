import { describe, expect, test } from "vitest"
import { findFleetBounds } from "../../src/declaration/fleet-bounds.ts"
import type { FleetConfig } from "../../src/declaration/fleet-config.ts"
import { readFleetConfig } from "../../src/declaration/read-fleet-config.ts"
import { type Verdict, verdictOf } from "../../src/declaration/verdict.ts"
import { readTerraform } from "../../src/deployments/terraform/terraform-reader.ts"
import { constant, created, firstPlan, refersTo, type StackResource } from "../support/stack.ts"
import { connects, ecsContainer, ecsService, rdsInstance, taskDefinition } from "./stacks/aws.ts"

// What one reader finds, and another one uses.

/** The verdict of each server, with its lowest and its highest steady total, and the names of what is unknown. */
function judged(config: FleetConfig, plans: readonly object[]) {
  const documents = plans.map((json, index) => ({ name: plans.length > 1 ? `plan-${index}` : "", json }))
  const bounds = findFleetBounds(readFleetConfig(config), [readTerraform(documents)])
  return bounds.map(([, range]): [Verdict["verdict"], lowest: number, highest: number, string[]] => {
    const { verdict, lowest, highest } = verdictOf(range, { deploy: "warn" })
    return [verdict, lowest.total, highest.total, range.unknowns.map(({ name }) => name)]
  })
}

const service = (name: string, variables: Readonly<Record<string, string>>, instances = 2) => [
  taskDefinition(name, [ecsContainer(name, variables)]),
  ecsService(name, { desired_count: instances }),
]

describe("an RDS Proxy", () => {
  const HOST = "core.proxy-x.eu-west-3.rds.amazonaws.com"
  const URL = `postgresql://app:pw@${HOST}:5432/core`
  const proxy = (percent: number) => [
    created(
      "aws_db_proxy.core",
      { name: "core", engine_family: "POSTGRESQL", endpoint: HOST, auth: [] },
      { arn: true },
      { name: constant("core") },
    ),
    created(
      "aws_db_proxy_default_target_group.core",
      { db_proxy_name: "core", connection_pool_config: [{ max_connections_percent: percent }] },
      { arn: true },
      { db_proxy_name: refersTo("aws_db_proxy.core.name") },
    ),
    created(
      "aws_db_proxy_target.core",
      { db_proxy_name: "core", db_instance_identifier: "core", target_group_name: "default" },
      { endpoint: true },
      { db_proxy_name: refersTo("aws_db_proxy.core.name") },
    ),
  ]
  const second = (): StackResource[] => {
    const host = "second.c1.eu-west-3.rds.amazonaws.com"
    const values = { address: host, endpoint: `${host}:5432`, id: "db-SECOND", identifier: "second" }
    return rdsInstance("200", values).flatMap((each) =>
      each.address === "aws_db_instance.core" ? [{ ...each, address: "aws_db_instance.second" }] : [],
    )
  }
  const through = (instances: number) => service("api", connects(10, { DATABASE_URL_CORE: URL }), instances)

  test.each<[what: string, resources: readonly StackResource[], unknown: string]>([
    ["variable", service("report", { REPORTS_URL: URL }), "aws_ecs_service.report.REPORTS_URL"],
    [
      "resource of a type that is not read",
      [created("aws_instance.report", { user_data: `run ${URL}` }, {})],
      "aws_instance.report",
    ],
  ])("to which only a URL in a %s leads is no other server", (_, resources, unknown) => {
    const direct = [...rdsInstance("100"), ...proxy(90), ...service("api", connects(10))]
    expect(judged({}, [firstPlan([...direct, ...resources])])).toEqual([["unknown", 20, 20, [unknown]]])
  })

  test("that is counted holds what other variables open through it", () => {
    const both = [...through(2), ...service("report", { REPORTS_URL: URL })]
    expect(judged({}, [firstPlan([...rdsInstance("100"), ...proxy(50), ...both])])).toEqual([
      ["fits", 50, 50, []],
    ])
  })

  test("in front of one of several checked servers holds nothing on the others", () => {
    const direct = connects(10, {
      DATABASE_URL_CORE: `postgresql://u@second.c1.eu-west-3.rds.amazonaws.com/x`,
    })
    const resources = [
      ...rdsInstance("100"),
      ...proxy(50),
      ...second(),
      ...through(50),
      ...service("web", direct),
    ]
    const servers = { core: { server: "aws_db_instance.core" }, second: { server: "aws_db_instance.second" } }
    expect(judged({ servers }, [firstPlan(resources)])).toEqual([
      ["fits", 50, 50, []],
      ["fits", 20, 20, []],
    ])
  })

  test("in front of one of several servers, none of which is chosen, may hold nothing", () => {
    const resources = [...rdsInstance("100"), ...proxy(50), ...second(), ...through(50)]
    expect(judged({}, [firstPlan(resources)])).toEqual([
      ["unknown", 0, 50, ["aws_db_proxy.core", "max_connections"]],
    ])
    // Its share is of the given ceiling.
    expect(judged({ maxConnections: 60 }, [firstPlan(resources)])).toEqual([
      ["fits", 0, 30, ["aws_db_proxy.core"]],
    ])
    const direct = service("web", connects(20))
    expect(judged({ maxConnections: 60 }, [firstPlan([...resources, ...direct])])).toEqual([
      ["unknown", 40, 70, ["aws_db_proxy.core"]],
    ])
  })
})
