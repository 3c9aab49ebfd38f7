import type { PlannedResource } from "../support/terraform-plan.ts"
import { type Fleet, fieldByField } from "./field-by-field.ts"
import { job, runOf, scheduler, service, sql } from "./google-resources.ts"
import type { Tree } from "./hiding.ts"
import { CORE } from "./resources.ts"

const UTC = { time_zone: "UTC" }
const SOCKET = "shop:europe-west1:main"
const server = (ceiling: number) =>
  sql(
    {
      database_flags: [
        { name: "log_statement", value: "none" },
        { name: "max_connections", value: String(ceiling) },
      ],
    },
    { dns_name: "db.example.org", connection_name: SOCKET },
  )
const env = (size: number, url = CORE) => [
  { name: "DATABASE_URL_CORE", value: url, value_source: [] },
  { name: "PRISMA_POOL_SIZE_CORE", value: String(size), value_source: [] },
]
const named = (name: string, each: PlannedResource): PlannedResource => ({
  ...each,
  address: each.address.replace(/[^.]+$/, name),
  values: { ...each.values, name },
})
const template = (size: number, most: number | null, more: Tree = {}) => ({
  revision: null,
  scaling: [{ min_instance_count: 0, max_instance_count: most }],
  containers: [{ image: "x", command: [], args: [], env: env(size), volume_mounts: [] }],
  volumes: [],
  ...more,
})
const run = (name: string, values: Tree) =>
  named(name, service({}, { traffic: [], multi_region_settings: [], scaling: [], ...values }))

const FLEETS: readonly Fleet[] = [
  {
    name: "services that scale by each rule",
    resources: (ceiling) => [
      server(ceiling),
      run("api", { template: [template(10, 4)] }),
      run("both", {
        template: [template(2, 9)],
        scaling: [{ scaling_mode: "AUTOMATIC", manual_instance_count: 1, max_instance_count: 5 }],
      }),
      run("left", {
        template: [template(1, 6)],
        scaling: [{ scaling_mode: "AUTOMATIC", manual_instance_count: 2, max_instance_count: null }],
      }),
      run("manual", {
        template: [template(2, 1)],
        scaling: [{ scaling_mode: "MANUAL", manual_instance_count: 3, max_instance_count: null }],
      }),
      run("counted", {
        template: [template(2, 1)],
        scaling: [{ scaling_mode: null, manual_instance_count: 3, max_instance_count: null }],
      }),
      run("regions", {
        template: [template(1, 2)],
        multi_region_settings: [{ regions: ["europe-west1", "europe-west4"] }],
      }),
      run("shared", {
        template: [template(1, 9)],
        scaling: [{ scaling_mode: "AUTOMATIC", manual_instance_count: null, max_instance_count: 3 }],
        traffic: [
          { type: "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", revision: "old", percent: 10, tag: null },
          { type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", revision: null, percent: 90, tag: null },
        ],
      }),
      run("socket", {
        template: [
          template(2, 2, {
            volumes: [{ name: "cloudsql", secret: [], cloud_sql_instance: [{ instances: [SOCKET] }] }],
            containers: [
              {
                image: "x",
                env: env(2, `postgresql://app:pw@localhost/core?host=/cloudsql/${SOCKET}`),
                volume_mounts: [{ name: "cloudsql", mount_path: "/cloudsql" }],
              },
            ],
          }),
        ],
      }),
    ],
    // 4 × 10 + 5 × 2 + 6 + 3 × 2 + 3 × 2 + 2 × 2 + 3 + 2 × 2, which a deploy doubles.
    steady: [79, 79],
    deploy: [158, 158],
  },
  {
    name: "worker pools and the first version's API",
    resources: (ceiling) => [
      server(ceiling),
      ...(
        [
          ["auto", "AUTOMATIC", 7, 1],
          ["manual", "MANUAL", 9, 2],
          ["one", null, null, null],
        ] as const
      ).map(([name, scaling_mode, max_instance_count, manual_instance_count]) => ({
        address: `google_cloud_run_v2_worker_pool.${name}`,
        values: {
          name,
          scaling: scaling_mode === null ? [] : [{ scaling_mode, max_instance_count, manual_instance_count }],
          template: [{ containers: [{ image: "x", env: env(3), volume_mounts: [] }], volumes: [] }],
        },
      })),
      ...(
        [
          ["revision", { "autoscaling.knative.dev/maxScale": "4" }, {}],
          ["whole", { "autoscaling.knative.dev/maxScale": "9" }, { "run.googleapis.com/maxScale": "3" }],
          [
            "manual",
            {},
            { "run.googleapis.com/scalingMode": "manual", "run.googleapis.com/manualInstanceCount": "2" },
          ],
        ] as const
      ).map(([name, revision, whole]) => ({
        address: `google_cloud_run_service.${name}`,
        values: {
          name,
          metadata: [{ annotations: whole }],
          traffic: [],
          template: [
            {
              metadata: [{ name: null, annotations: revision }],
              spec: [
                {
                  containers: [
                    {
                      image: "x",
                      env: env(2).map(({ name: of, value }) => ({ name: of, value, value_from: [] })),
                      env_from: [],
                    },
                  ],
                },
              ],
            },
          ],
        },
      })),
    ],
    // 7 × 3 + 2 × 3 + 3, and 4 × 2 + 3 × 2 + 2 × 2.
    steady: [48, 48],
    deploy: [96, 96],
  },
  {
    name: "jobs that are started by the clock, by one that is paused, and by hand",
    resources: (ceiling) => [
      server(ceiling),
      job("daily"),
      scheduler("daily", runOf("daily"), {
        ...UTC,
        schedule: "0 3 * * *",
        retry_config: [{ retry_count: 0 }],
      }),
      job("paused"),
      scheduler("paused", runOf("paused"), { ...UTC, paused: true, schedule: "0 * * * *" }),
      job("hand"),
    ],
    steady: [30, 30],
    deploy: [30, 30],
  },
  {
    name: "a job of which the tasks follow each other",
    resources: (ceiling) => [
      server(ceiling),
      job("often", { task_count: 3, parallelism: 1 }),
      scheduler("often", runOf("often"), { ...UTC, schedule: "*/30 * * * *" }),
    ],
    // Each takes 90 minutes.
    steady: [30, 30],
    deploy: [30, 30],
  },
  {
    name: "a job of which most tasks run at once",
    resources: (ceiling) => [
      server(ceiling),
      job("two", { task_count: 3, parallelism: 2 }),
      scheduler("two", runOf("two"), { ...UTC, schedule: "*/30 * * * *" }),
    ],
    // Each takes an hour, with two tasks: more than three tasks for half an hour.
    steady: [40, 40],
    deploy: [40, 40],
  },
  {
    name: "the default ceiling of a tier",
    resources: (size) => [
      sql({ tier: "db-g1-small" }, { dns_name: "db.example.org" }),
      run("api", { template: [template(size, 1)] }),
    ],
    numbers: { fits: 23, fails: 48 },
    // 50, of which 3 are kept.
    steady: [23, 23],
    deploy: [46, 46],
  },
]

fieldByField("Google Cloud", FLEETS, {
  computed: [
    [
      /^google_cloud_run_v2_(service|worker_pool)\.(template\.)?scaling$/,
      "the default, which is assumed and named",
    ],
    [/^google_cloud_run_service\.(template\.)?metadata$/, "the same of the first version"],
  ],
  nulls: [
    [/\.scaling(\.(scaling_mode|manual_instance_count))?$/, "the default mode"],
    [/\.multi_region_settings/, "one region"],
    [/\.parallelism$/, "all tasks at once"],
    [/^google_cloud_scheduler_job\.(schedule|http_target)/, "a scheduler that starts nothing"],
  ],
})
