import { describe, expect, test } from "vitest"
import type { AcknowledgedCause, Baseline } from "../../src/declaration/baseline.ts"
import { deployedFleets } from "../../src/declaration/deployed-fleets.ts"
import { findFleetBounds } from "../../src/declaration/fleet-bounds.ts"
import type { FleetConfig } from "../../src/declaration/fleet-config.ts"
import { verdictOf } from "../../src/declaration/verdict.ts"
import { baselineOf } from "../../src/declaration/write-baseline.ts"
import { readTerraform } from "../../src/deployments/terraform/terraform-reader.ts"
import { CORE, consumer, container, job, NAMESPACE, namespace, server } from "../deployments/resources.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"

const WEB = "scaleway_container.web"

const documents = (resources: readonly PlannedResource[]) => [
  readTerraform([{ name: "", json: plan([namespace, ...resources]) }]),
]

function judgedAll(resources: readonly PlannedResource[], baseline: Baseline, config: FleetConfig = {}) {
  return findFleetBounds(config, documents(resources), baseline).map(([, range]) => ({
    ...range,
    ...verdictOf(range, { deploy: "fail" }),
  }))
}

function judged(resources: readonly PlannedResource[], baseline: Baseline, config?: FleetConfig) {
  const [first] = judgedAll([server("main"), ...resources], baseline, config)
  if (first === undefined) throw new Error("no server")
  return first
}

const acknowledging = (entry: Partial<AcknowledgedCause>, counted: readonly string[] = []): Baseline => ({
  acknowledged: [{ cause: "environment", address: WEB, reason: "does not connect", matches: 1, ...entry }],
  counted,
})
const ENVIRONMENT = { attribute: "DATABASE_URL_CORE" }

const unseen = { secret_environment_variables_wo_version: 1 }
const connected = (size: string) => ({
  environment_variables: { DATABASE_URL_CORE: CORE, PRISMA_POOL_SIZE_CORE: size },
})
const formerly = (values: object) => ({ before: { namespace_id: NAMESPACE, max_scale: 1, ...values } })

describe("what is acknowledged takes out of the sum no pool", () => {
  test("of a resource that connects since this plan, for its environment before", () => {
    const web = container("web", connected("90"), formerly(unseen))
    const { verdict, highest } = judged([consumer("api"), web], acknowledging(ENVIRONMENT))
    expect(highest.total).toBe(100)
    expect(verdict).toBe("does not fit")
  })

  test("of a resource that connected before this plan, for its environment after", () => {
    const web = container(
      "web",
      { environment_variables: { PRISMA_POOL_SIZE_CORE: "5" }, ...unseen },
      formerly(connected("90")),
    )
    const { highest } = judged([consumer("api"), web], acknowledging(ENVIRONMENT))
    expect(highest.total).toBe(10)
    expect(highest.deploy.total).toBe(110)
  })

  test("but both generations where neither can be seen", () => {
    const size = (of: string) => ({ environment_variables: { PRISMA_POOL_SIZE_CORE: of }, ...unseen })
    const web = container("web", size("5"), formerly(size("90")))
    const { verdict, highest } = judged([consumer("api"), web], acknowledging(ENVIRONMENT))
    expect(verdict).toBe("fits")
    expect(highest.deploy.total).toBe(20)
  })

  test("whose host cannot be compared", () => {
    const unaddressed = [server("main", { load_balancer: [] }), consumer("web", connected("90"))]
    const [range] = judgedAll(unaddressed, acknowledging({ cause: "host", address: "*", matches: 9 }))
    expect(range?.acknowledged).toHaveLength(1)
    expect(range?.highest.total).toBe(90)
  })

  test("that leads to another port of the server, which fits then", () => {
    const pooled = CORE.replace("5432", "6543")
    const web = consumer("web", {
      environment_variables: { DATABASE_URL_CORE: pooled, PRISMA_POOL_SIZE_CORE: "5" },
    })
    const nothing: Baseline = { acknowledged: [], counted: [] }
    expect(judged([consumer("api"), web], nothing).verdict).toBe("unknown")
    const { verdict, highest } = judged([consumer("api"), web], acknowledging({ cause: "host" }))
    expect(verdict).toBe("fits")
    expect(highest.total).toBe(15)
  })

  test("that leads to one of several servers", () => {
    const web = container("web", {
      environment_variables: { PRISMA_POOL_SIZE_CORE: "90" },
      secret_environment_variables: { DATABASE_URL_CORE: "$argon2id$" },
    })
    const servers = { a: { maxConnections: 100 }, b: { maxConnections: 100 } }
    const both = deployedFleets({ servers }, documents([web, consumer("api")]))
    expect(baselineOf(both, undefined, "a reason").acknowledged).toEqual([])
    for (const range of judgedAll([web, consumer("api")], acknowledging({ cause: "host", ...ENVIRONMENT }), {
      servers,
    })) {
      expect(range.acknowledged).toEqual([])
      expect(range.highest.total).toBe(100)
    }
  })
})

describe("what is counted makes the verdict unknown", () => {
  test("where its environment cannot be seen any more, and an entry of others fits it", () => {
    const baseline = acknowledging({ ...ENVIRONMENT, address: "scaleway_container.*", matches: 3 }, [WEB])
    const { verdict, unknowns } = judged([consumer("api"), container("web", unseen)], baseline)
    expect(verdict).toBe("unknown")
    expect(unknowns).toMatchObject([{ cause: "no longer counted", name: WEB }])
  })

  test("where only its legacy client still connects", () => {
    const environment_variables = { RENAMED: "x", DATABASE_URL_ANALYTICS: CORE }
    const web = container("web", { environment_variables })
    const { verdict } = judged([consumer("api"), web], { acknowledged: [], counted: [WEB] })
    expect(verdict).toBe("unknown")
  })

  test("and is no more than what is known to connect", () => {
    const resources = [server("main"), consumer("api"), container("web", unseen)]
    const written = baselineOf(deployedFleets({}, documents(resources)), undefined, "does not connect")
    expect(written.counted).toEqual(["scaleway_container.api"])
    expect(judgedAll(resources, written)[0]?.verdict).toBe("fits")
  })
})

test("every schedule of a job that is acknowledged is taken out of the sum", () => {
  const address = "scaleway_job_definition.import"
  const config = {
    deployments: {
      override: { [address]: { schedule: ["0 1 * * *", "0 2 * * *"], reason: "two triggers" } },
    },
  }
  const hidden = job("import", { env: {}, secret_reference: [{ file: "/app/.env" }] })
  const task = { address: "aws_batch_job_definition.batch", values: { text: "-e DATABASE_URL_CORE" } }
  const baseline = acknowledging({ ...ENVIRONMENT, address })
  const { highest } = judged([consumer("api"), hidden, task], baseline, config)
  expect(highest.total).toBe(10)
})
