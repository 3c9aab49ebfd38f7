import { expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { plan } from "../support/terraform-plan.ts"
import { client, deployment, env, object, type Values } from "./manifests.ts"

const cluster = object("postgresql.cnpg.io/v1", "Cluster", "main", { spec: { instances: 3 } })
const pooler = (spec: Values = {}, parameters: Values = {}) =>
  object("postgresql.cnpg.io/v1", "Pooler", "pooler", {
    spec: {
      cluster: { name: "main" },
      instances: 2,
      type: "rw",
      pgbouncer: { poolMode: "transaction", parameters: { default_pool_size: "10", ...parameters } },
      ...spec,
    },
  })
const api = deployment("api", {
  containers: [
    client({ env: env({ DATABASE_URL: "postgresql://app:pw@pooler/shop", PRISMA_POOL_SIZE: "5" }) }),
  ],
})
const NAME = "kubernetes_manifest.pooler"

/** A plan in which the pooler is changed. */
const planned = (before: Values, after: Values, ...others: readonly Values[]) => {
  const manifest = (name: string, is: Values, was?: Values) => ({
    address: `kubernetes_manifest.${name}`,
    values: { manifest: is },
    ...(was === undefined ? {} : { before: { manifest: was } }),
  })
  return plan([
    manifest("main", cluster, cluster),
    ...others.map((other, index) => manifest(`other_${index}`, other, other)),
    manifest("pooler", after, before),
    manifest("api", api),
  ])
}

const changed = (before: Values, after: Values) => {
  const { highest, lowest, unknowns } = fleetFromTerraform(planned(before, after), { keys: ["DATABASE_URL"] })
  return {
    highest: highest.poolers?.[NAME],
    lowest: lowest.poolers?.[NAME],
    unknowns: unknowns.filter(({ address }) => address === NAME).map(({ name }) => name),
  }
}

test("a deploy that lowers the pods of a Pooler has the old ones beside the new ones", () => {
  const rolled = changed(pooler({ instances: 6 }), pooler())
  expect([rolled.highest, rolled.unknowns]).toMatchObject([{ instances: 2, surge: 6 }, []])
  const recreate = { deploymentStrategy: { type: "Recreate" } }
  const stopped = changed(pooler({ instances: 6, ...recreate }), pooler(recreate))
  expect(stopped.highest).toMatchObject({ instances: 2, surge: 4 })
  expect(changed(pooler(), pooler({ instances: 6 })).highest).toMatchObject({ instances: 6, surge: 6 })
})

test("a deploy that lowers a size, or sets a cap, leaves open what the pools still hold", () => {
  const lowered = changed(
    pooler({}, { default_pool_size: "40" }),
    pooler({}, { max_db_connections: "15", reserve_pool_size: "2" }),
  )
  expect(lowered.lowest).toMatchObject({ poolSize: 10, reservePoolSize: 2, maxDbConnections: 15 })
  expect(lowered.highest).toMatchObject({ poolSize: 40, reservePoolSize: 2, maxDbConnections: 0 })
  expect(lowered.unknowns).toEqual([`${NAME}: default_pool_size`, `${NAME}: max_db_connections`])
  expect(changed(pooler(), pooler({}, { default_pool_size: "40" })).unknowns).toEqual([])
})

test("a deploy that takes a Pooler to another cluster leaves open what its old pods hold on the former one", () => {
  const other = object("postgresql.cnpg.io/v1", "Cluster", "other", { spec: { instances: 3 } })
  const moved = planned(pooler(), pooler({ cluster: { name: "other" } }), other)
  const on = (server: string) => fleetFromTerraform(moved, { keys: ["DATABASE_URL"], server })
  const left = on("kubernetes_manifest.main").unknowns.find(({ address }) => address === NAME)
  expect(left).toMatchObject({ cause: "surge", isUnbounded: true, isOfDeploy: true })
  const { unknowns, highest } = on("kubernetes_manifest.other_0")
  expect([unknowns, highest.poolers?.[NAME]]).toMatchObject([[], { instances: 2, surge: 2 }])
})
