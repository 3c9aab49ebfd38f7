import { type Fleet, fieldByField } from "./field-by-field.ts"
import { CORE, consumer, job, server } from "./resources.ts"

const SPACE = "fr-par/11111111-1111-1111-1111-111111111111"

const database = (ceiling: number) =>
  server("main", {
    id: "fr-par/22222222-2222-2222-2222-222222222222",
    settings: { max_connections: String(ceiling) },
  })

const FLEETS: readonly Fleet[] = [
  {
    name: "containers",
    resources: (ceiling) => [
      database(ceiling),
      {
        address: "scaleway_container_namespace.main",
        values: { id: SPACE, environment_variables: { PRISMA_POOL_SIZE_CORE: "4" } },
      },
      consumer("api", { namespace_id: SPACE, min_scale: 0, max_scale: 3 }),
      consumer("least", { namespace_id: SPACE, min_scale: 4, max_scale: 2 }),
      consumer("heir", {
        namespace_id: SPACE,
        environment_variables: { DATABASE_URL_CORE: CORE },
        max_scale: 2,
      }),
    ],
    // 3 × 10 + 4 × 10 + 2 × 4, which a deploy doubles.
    steady: [78, 78],
    deploy: [156, 156],
  },
  {
    name: "jobs",
    resources: (ceiling) => [
      database(ceiling),
      job("often", {
        timeout: "30m0s",
        retry_policy: [{ max_retries: 1 }],
        cron: [{ schedule: "*/20 * * * *", timezone: "UTC" }],
      }),
      job("hand", { cron: [] }),
    ],
    // Two attempts take an hour, every 20 minutes.
    steady: [40, 40],
    deploy: [40, 40],
  },
]

fieldByField("Scaleway", FLEETS, {
  nulls: [
    [/\.min_scale$/, "no lower bound"],
    [/\.cron$/, "a job that is started by hand"],
    [/\.retry_policy$/, "no retries"],
  ],
})
