import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { parse as parseYaml } from "yaml"
import { compose, service } from "../deployments/compose-file.ts"
import { consumer, namespace, server } from "../deployments/resources.ts"
import { command, type Setting, words } from "../support/command.ts"
import { plan } from "../support/terraform-plan.ts"

const URL_OF_SERVER = "postgresql://app:s3cret@db.example.org:5432/core"
const VARIABLES = { DATABASE_URL_CORE: URL_OF_SERVER, PRISMA_POOL_SIZE_CORE: "5" }

/** A Deployment and a CronJob of namespace prod, and a CronJob whose Secret is not in the manifests. */
const MANIFESTS = `apiVersion: apps/v1
kind: Deployment
metadata: { name: api, namespace: prod }
spec:
  replicas: 3
  strategy: { type: Recreate }
  template:
    spec:
      containers:
        - name: api
          image: shop:1
          env:
            - { name: DATABASE_URL_CORE, value: "${URL_OF_SERVER}" }
            - { name: PRISMA_POOL_SIZE_CORE, value: "5" }
---
apiVersion: batch/v1
kind: CronJob
metadata: { name: import, namespace: prod }
spec:
  schedule: "0 3 * * *"
  timeZone: Europe/Paris
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      template:
        spec:
          containers:
            - name: import
              image: shop:1
              env:
                - { name: DATABASE_URL_CORE, value: "${URL_OF_SERVER}" }
                - { name: PRISMA_POOL_SIZE_CORE, value: "4" }
`

const HIDDEN = `apiVersion: batch/v1
kind: CronJob
metadata: { name: report, namespace: prod }
spec:
  schedule: "0 4 * * *"
  timeZone: Europe/Paris
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      template:
        spec:
          containers:
            - { name: report, image: "shop:1", envFrom: [{ secretRef: { name: database } }] }
`

const files = {
  "plan.json": plan([
    server("main"),
    namespace,
    consumer("api", { max_scale: 2, environment_variables: VARIABLES }),
  ]),
  "k8s.yaml": MANIFESTS,
  "compose.json": compose({
    api: service({ scale: 2, environment: { ...VARIABLES, PRISMA_POOL_SIZE_CORE: "3" } }),
    worker: service({ environment: VARIABLES }),
  }),
  "own.json": { reserved: { metabase: 7 }, consumers: { laptop: { instances: 1, poolSize: 2, surge: 0 } } },
}

const ALL = "--terraform plan.json --kubernetes k8s.yaml --compose compose.json --config own.json"
const check = (flags: string, setting: Setting = { files }) => command(words(`check ${flags}`), setting)
/** The files, and a declaration with these deployments as well. */
const withDeployments = (deployments: object, more: Setting["files"] = {}): Setting => ({
  files: { ...files, ...more, "own.json": { ...files["own.json"], deployments } },
})

/** The plan's container 2 × 5, the Deployment 3 × 5, the CronJob 4, the services 2 × 3 + 5, declared 2 + 7. */
const TOTAL = 10 + 15 + 4 + 6 + 5 + 2 + 7

describe("a plan, manifests, a compose file and a declaration", () => {
  test("add up to one sum, compared with the ceiling that one of them has", async () => {
    const { code, out, err } = await check(ALL)
    expect([code, err]).toEqual([0, ""])
    // In a deploy the plan's container counts twice. The others stop first, or say that they do.
    expect(out).toContain(`✓ fits: ${TOTAL} of 97 usable connections`)
    expect(out).toContain(`connections (51 %), ${TOTAL + 10} during a deploy`)
    for (const [address, connections] of [
      ["plan.json: scaleway_container.api", 10],
      ["prod/deployment/api", 15],
      ["prod/cronjob/import", 4],
      ["compose.json: service/api", 6],
      ["compose.json: service/worker", 5],
      ["laptop", 2],
      ["metabase", 7],
    ] as const)
      expect(out).toMatch(new RegExp(`${address} +\\| [^|]+ \\|[^|]*\\| +${connections} \\|`))
    expect(out).toMatch(
      /Read\n {2}plan\.json: DATABASE_URL_CORE in a plan\n {2}DATABASE_URL_CORE in Kubernetes manifests\n {2}compose\.json: DATABASE_URL_CORE in a compose file/,
    )
    expect(out).not.toContain("s3cret")
  })

  test("in JSON, with the kind of each document", async () => {
    const { code, out } = await check(`${ALL} --format json`)
    expect(code).toBe(0)
    const { servers, ...report } = JSON.parse(out)
    expect(report).toEqual({ relaxed: null, verdict: "fits", exitCode: 0 })
    const [only] = servers
    expect(only.highest.total).toBe(TOTAL)
    expect(only.lowest).toEqual(only.highest)
    expect(only.unknowns).toEqual([])
    expect(only.source).toEqual({
      keys: ["DATABASE_URL_CORE"],
      documents: [
        { name: "plan.json", kind: "plan" },
        { name: "", kind: "manifests" },
        { name: "compose.json", kind: "compose" },
      ],
    })
    expect(Object.keys(only.highest.consumers)).toEqual([
      "laptop",
      "plan.json: scaleway_container.api",
      "prod/deployment/api",
      "compose.json: service/api",
      "compose.json: service/worker",
    ])
  })

  test("for GitHub, with the file and line of what is in manifests", async () => {
    const { code, out } = await check(`${ALL} -k hidden.yaml --format github`, {
      files: { ...files, "hidden.yaml": HIDDEN },
    })
    expect(code).toBe(2)
    expect(out).toMatch(
      /^::error title=Connection budget,file=hidden\.yaml,line=1::prod\/cronjob\/report\.DATABASE_URL_CORE: /m,
    )
    const stream = await check(`${ALL} -k - --format github`, { files, stdin: HIDDEN })
    expect(stream.out).toMatch(/^::error title=Connection budget::prod\/cronjob\/report/m)
  })

  test.each(["terraform", "kubernetes", "compose"])("with the one of --%s from stdin", async (flag) => {
    const named = { terraform: "plan.json", kubernetes: "k8s.yaml", compose: "compose.json" }[flag] ?? ""
    const content = files[named as keyof typeof files]
    const stdin = typeof content === "string" ? content : JSON.stringify(content)
    const { code, out } = await check(ALL.replace(named, "-"), { files, stdin })
    expect([code, out]).toEqual([0, expect.stringContaining(`fits: ${TOTAL} of 97`)])
  })

  test("of which two are stdin are refused", async () => {
    const { code, err } = await check("--terraform - --kubernetes -", { stdin: "" })
    expect([code, err]).toEqual([3, expect.stringContaining("stdin: is given twice")])
  })

  test("several of each kind", async () => {
    const more = {
      "jobs.json": plan([namespace, consumer("jobs", { environment_variables: VARIABLES })]),
      "web.yaml": MANIFESTS.replaceAll("namespace: prod", "namespace: web"),
      "other.json": compose({ api: service({ environment: VARIABLES }) }),
    }
    const { code, out } = await check(
      `${ALL} -t jobs.json -k web.yaml --compose other.json --deploy=warn --format json`,
      {
        files: { ...files, ...more },
      },
    )
    // Another container of 5, the same manifests in another namespace, and another service.
    const { total, consumers } = JSON.parse(out).servers[0].highest
    expect([code, total]).toEqual([0, TOTAL + 5 + 19 + 5])
    expect(Object.keys(consumers)).toContain("other.json: service/api")
    expect(Object.keys(consumers)).toContain("web/deployment/api")
  })

  test("are refused together, each problem with its file", async () => {
    const bad = {
      "k8s.yaml": MANIFESTS.replace(
        "kind: CronJob\nmetadata: { name: import, namespace: prod }",
        "kind: CronJob",
      ),
      "compose.json": compose({ api: service({ scale: 1, deploy: { replicas: 2 } }) }),
    }
    const { code, out, err } = await check(ALL, { files: { ...files, ...bad } })
    expect([code, out]).toEqual([3, ""])
    expect(err).toContain("k8s.yaml:16: is a CronJob without a name")
    expect(err).toContain("compose.json: services.api.scale: is 1, and deploy.replicas is 2")
  })
})

describe("a file that is given with another format's flag is told where it belongs:", () => {
  const json = { "k8s.json": { apiVersion: "v1", kind: "List", items: [] } }

  test.each([
    [
      "--terraform k8s.yaml",
      "k8s.yaml: is YAML, and looks like Kubernetes manifests. Give them with --kubernetes",
    ],
    [
      "--compose k8s.yaml",
      "k8s.yaml: is YAML, and looks like Kubernetes manifests. Give them with --kubernetes",
    ],
    ["--terraform k8s.json", "a Kubernetes manifest: give it with --kubernetes"],
    ["--compose k8s.json", "a Kubernetes manifest: give it with --kubernetes"],
    ["--terraform compose.json", "a compose file: give it with --compose"],
    ["--kubernetes compose.json", "a compose file: give it with --compose"],
    ["--compose plan.json", "a Terraform plan: give it with --terraform"],
    ["--kubernetes plan.json", "a Terraform plan: give it with --terraform"],
  ])("%s", async (line, message) => {
    const { code, err } = await check(line, { files: { ...files, ...json } })
    expect([code, err]).toEqual([3, expect.stringContaining(message)])
  })
})

describe("the server of one format", () => {
  test("bounds the consumers of the others, by the host of their URLs", async () => {
    const elsewhere = {
      ...files,
      "k8s.yaml": MANIFESTS.replaceAll("db.example.org", "legacy.example.org"),
    }
    const { code, out } = await check(ALL, { files: elsewhere })
    expect(code).toBe(2)
    expect(out).toContain(
      "prod/deployment/api, prod/cronjob/import: leads to another host than those of plan.json: scaleway_rdb_instance.main",
    )
    expect(out).not.toContain("legacy.example.org")
  })

  test("may be that of a compose file, for the pods of manifests", async () => {
    const database = compose({
      db: service({
        image: "postgres:17",
        command: ["postgres", "-c", "max_connections=60"],
        hostname: "pg.example.org",
      }),
    })
    const { code, out } = await check("--kubernetes k8s.yaml --compose db.json", {
      files: { "k8s.yaml": MANIFESTS.replaceAll("db.example.org", "pg.example.org"), "db.json": database },
    })
    expect([code, out]).toEqual([0, expect.stringContaining("fits: 19 of 57 usable")])
    expect(out).toContain("db.json: service/db: max_connections 60")
  })

  test("may be that of manifests, for a plan's containers and a compose file's services", async () => {
    const manifests = `apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: db, namespace: prod }
spec: { instances: 3, postgresql: { parameters: { max_connections: "80" } } }
`
    const url = { ...VARIABLES, DATABASE_URL_CORE: "postgresql://app@db-rw.prod.svc.cluster.local/core" }
    const { code, out } = await check("-k db.yaml --compose c.json -t p.json", {
      files: {
        "db.yaml": manifests,
        "c.json": compose({ api: service({ environment: url }) }),
        "p.json": plan([namespace, consumer("api", { environment_variables: url })]),
      },
    })
    expect([code, out]).toEqual([0, expect.stringContaining("fits: 10 of 77 usable")])
  })

  test("is chosen by its address, with or without its namespace", async () => {
    const operator = (name: string, most: number) => `apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: ${name}, namespace: prod }
spec: { postgresql: { parameters: { max_connections: ${most} } } }
`
    const url = { ...VARIABLES, DATABASE_URL_CORE: "postgresql://app@main-rw.prod/core" }
    const sources = {
      "db.yaml": `${operator("main", 80)}---\n${operator("other", 90)}`,
      "c.json": compose({ api: service({ environment: url }) }),
    }
    for (const address of ["prod/cluster/main", "cluster/main"]) {
      const { code, out } = await check(`-k db.yaml --compose c.json --server ${address}`, { files: sources })
      expect([code, out]).toEqual([0, expect.stringContaining("fits: 5 of 77 usable")])
    }
  })

  test("of two formats is one of two: the choice is by address", async () => {
    const both = {
      ...files,
      "compose.json": compose({
        db: service({ image: "postgres:17", command: "postgres -c max_connections=60" }),
        api: service({ environment: VARIABLES }),
      }),
    }
    const line = "-t plan.json --compose compose.json"
    const { code, out } = await check(line, { files: both })
    expect(code).toBe(2)
    expect(out).toContain(
      "max_connections: is one of 2: plan.json: scaleway_rdb_instance.main (100), compose.json: service/db (60)",
    )
    for (const address of ["plan.json: scaleway_rdb_instance.main", "scaleway_rdb_instance.main"]) {
      const chosen = await command([...words(`check ${line} --server`), address], { files: both })
      expect([chosen.code, chosen.out]).toEqual([0, expect.stringContaining("fits: 15 of 97")])
    }
  })
})

test("two servers in two formats have a verdict each, with the consumers of all formats by their hosts", async () => {
  const url = (host: string) => ({ ...VARIABLES, DATABASE_URL_CORE: `postgresql://app@${host}/core` })
  const operator = `apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: billing, namespace: prod }
spec: { postgresql: { parameters: { max_connections: 60 } } }
---
${MANIFESTS}`
  const sources = {
    ...files,
    "k8s.yaml": operator,
    "compose.json": compose({
      api: service({ scale: 2, environment: url("billing-rw.prod.svc.cluster.local") }),
      worker: service({ environment: VARIABLES }),
    }),
    "own.json": {
      servers: {
        core: { hosts: ["db.example.org"], reserved: { metabase: 7 } },
        billing: { hosts: ["billing-rw", "billing-rw.prod.svc.cluster.local"] },
      },
    },
  }
  const { code, out } = await check(ALL, { files: sources })
  // Core: the plan's 2 × 5, the Deployment 3 × 5, the CronJob 4, the worker 5. Billing: the services 2 × 5.
  expect([code, out]).toEqual([0, expect.stringContaining("core: fits: 41 of 97")])
  expect(out).toContain("billing: fits: 10 of 57")
})

describe("exclude and override", () => {
  const addresses = ["scaleway_container.api", "prod/deployment/api", "service/worker", "laptop"]

  test("work on each format by address, and print their reasons", async () => {
    const { code, out } = await check(
      ALL,
      withDeployments({
        exclude: {
          "scaleway_container.api": "reads a replica",
          "prod/deployment/api": "stopped",
          "service/worker": "another database",
        },
      }),
    )
    expect([code, out]).toEqual([0, expect.stringContaining(`fits: ${TOTAL - 10 - 15 - 5} of 97`)])
    expect(out).toContain(
      "Excluded\n  plan.json: scaleway_container.api: reads a replica\n  prod/deployment/api: stopped\n  compose.json: service/worker: another database",
    )
    expect(out).not.toContain("Warnings")
  })

  test("replace values of each", async () => {
    const { code, out } = await check(
      ALL,
      withDeployments({
        override: {
          "scaleway_container.api": { surge: 1, reason: "one at a time" },
          "prod/deployment/api": { instances: 4, reason: "scaled by hand" },
          "prod/cronjob/import": { poolSize: 6, reason: "set in code" },
          "compose.json: service/api": { instances: 1, reason: "up --scale" },
        },
      }),
    )
    // One more pod of 5, 2 more of the CronJob, one service of 3 less.
    expect([code, out]).toEqual([0, expect.stringContaining(`fits: ${TOTAL + 5 + 2 - 3} of 97`)])
    expect(out).toContain(`${TOTAL + 4 + 5} during a deploy`)
    for (const line of [
      "plan.json: scaleway_container.api.surge: 1 (one at a time)",
      "prod/deployment/api.instances: 4 (scaled by hand)",
      "prod/cronjob/import.poolSize: 6 (set in code)",
      "compose.json: service/api.instances: 1 (up --scale)",
    ])
      expect(out).toContain(line)
  })

  test("take an address without its namespace or document for all that have it", async () => {
    const { code, out } = await check(ALL, withDeployments({ exclude: { "deployment/api": "stopped" } }))
    expect([code, out]).toEqual([0, expect.stringContaining(`fits: ${TOTAL - 15} of 97`)])
  })

  test("take the namespace of the declaration, and the flag before it", async () => {
    const bare = { "k8s.yaml": MANIFESTS.replaceAll(", namespace: prod", "") }
    const exclude = { "prod/deployment/api": "stopped", "service/api": "stopped" }
    const declared = withDeployments({ namespace: "prod", exclude }, bare)
    const { code, out } = await check(ALL, declared)
    expect([code, out]).toEqual([0, expect.stringContaining(`fits: ${TOTAL - 15 - 6} of 97`)])
    const flag = await check(`${ALL} --namespace web`, declared)
    expect(flag.out).toContain("web/deployment/api")
    expect(flag.out).toContain("no resource has the address prod/deployment/api")
  })

  test("by flag, on each", async () => {
    const line = ["scaleway_container.api", "deployment/api", "service/api"]
      .map((each) => `--exclude ${each}=moved`)
      .join(" ")
    const { code, out } = await check(`${ALL} ${line}`)
    expect([code, out]).toEqual([0, expect.stringContaining(`fits: ${TOTAL - 10 - 15 - 6} of 97`)])
  })

  test("take patterns for what would be unknown, and print each match", async () => {
    const hidden = { "hidden.yaml": HIDDEN }
    const line = `${ALL} -k hidden.yaml`
    const unknown = await check(line, { files: { ...files, ...hidden } })
    expect([unknown.code, unknown.out]).toEqual([2, expect.stringContaining("prod/cronjob/report")])
    const pattern = { "cronjob/*": "the reports read a replica" }
    const { code, out } = await check(line, withDeployments({ exclude: pattern }, hidden))
    // What is known to connect stays in the sum.
    expect([code, out]).toEqual([0, expect.stringContaining(`fits: ${TOTAL} of 97`)])
    expect(out).toContain("Excluded\n  prod/cronjob/report: the reports read a replica\n")
    const sized = { "prod/*": { poolSize: 2, reason: "set in code" } }
    const set = await check(line, withDeployments({ override: sized }, hidden))
    expect([set.code, set.out]).toEqual([0, expect.stringContaining(`fits: ${TOTAL + 2} of 97`)])
    expect(set.out).toContain("prod/cronjob/report.poolSize: 2 (set in code)")
    expect(set.out).not.toContain("prod/deployment/api.poolSize")
  })

  test("name what no document has", async () => {
    const { out } = await check(ALL, withDeployments({ exclude: { "prod/deployment/gone": "left" } }))
    expect(out).toContain("exclude: no resource has the address prod/deployment/gone")
  })

  test.each(addresses.slice(0, 3))(
    "refuse a declared consumer that a document also has: %s",
    async (each) => {
      const name = { "scaleway_container.api": "plan.json: ", "service/worker": "compose.json: " }[each] ?? ""
      const own = { consumers: { [`${name}${each}`]: { instances: 1, poolSize: 1 } } }
      const { code, err } = await check(ALL, { files: { ...files, "own.json": own } })
      expect([code, err]).toEqual([
        3,
        expect.stringContaining("is declared, and is also in what is deployed"),
      ])
    },
  )
})

describe("a baseline and a base", () => {
  const line = `${ALL} -k hidden.yaml`
  const setting = { files: { ...files, "hidden.yaml": HIDDEN } }

  test("acknowledge and count what is in each format", async () => {
    const { cwd, code, err } = await command(words(`baseline ${line} --reason reserved`), setting)
    expect([code, err]).toEqual([0, "Wrote pool.baseline.json: 1 acknowledged, 5 counted\n"])
    const written = JSON.parse(await readFile(join(cwd, "pool.baseline.json"), "utf8"))
    expect(written.acknowledged).toMatchObject([{ address: "prod/cronjob/report" }])
    expect(Object.values(written.counted).toSorted()).toEqual([
      "compose.json: service/api",
      "compose.json: service/worker",
      "plan.json: scaleway_container.api",
      "prod/cronjob/import",
      "prod/deployment/api",
    ])
    const again = await check(line, { cwd })
    expect([again.code, again.out]).toEqual([0, expect.stringContaining(`fits: ${TOTAL} of 97`)])
    expect(again.out).toContain("Acknowledged\n  prod/cronjob/report")
  })

  test("name what no longer connects, in any format", async () => {
    const { cwd } = await command(words(`baseline ${line} --reason reserved`), setting)
    const renamed = MANIFESTS.replace("DATABASE_URL_CORE", "DB_URL").replace("PRISMA_POOL_SIZE_CORE", "SIZE")
    const changed = {
      ...setting.files,
      "k8s.yaml": renamed.replace(URL_OF_SERVER, "x"),
      "pool.baseline.json": await readFile(join(cwd, "pool.baseline.json"), "utf8"),
    }
    const { code, out } = await check(line, { files: changed })
    expect([code, out]).toEqual([2, expect.stringContaining("prod/deployment/api")])
  })

  test("name what is relaxed for the resources of each", async () => {
    const own = {
      ...files["own.json"],
      deployments: {
        exclude: { "prod/deployment/api": "stopped" },
        override: { "service/api": { instances: 1, reason: "up --scale" } },
      },
    }
    const { code, out } = await check(`${ALL} --base base.json`, {
      files: { ...files, "own.json": own, "base.json": files["own.json"] },
    })
    expect(code).toBe(1)
    expect(out).toContain("deployments.exclude.prod/deployment/api")
    expect(out).toContain("deployments.override.service/api")
  })
})

test("the Analytics client counts in the manifests and in the compose file as in the plan", async () => {
  const variables = { DATABASE_URL_ANALYTICS: URL_OF_SERVER }
  const sources = {
    "p.json": plan([server("main"), namespace, consumer("api", { environment_variables: variables })]),
    "k.yaml": MANIFESTS.replaceAll("DATABASE_URL_CORE", "DATABASE_URL_ANALYTICS"),
    "c.json": compose({ api: service({ environment: variables }) }),
  }
  const line = "-t p.json -k k.yaml --compose c.json --database ANALYTICS --deploy=warn --format json"
  const { code, out } = await check(line, { files: sources })
  const { consumers, jobs } = JSON.parse(out).servers[0].highest
  expect(code).toBe(0)
  // 10 a pool, the driver's own default, whatever a size variable says.
  expect(Object.values(consumers).map((each) => (each as { total: number }).total)).toEqual([10, 30, 10])
  expect(jobs.connections).toBe(10)
})

describe("plan", () => {
  test("prints each size as its document has it, under its address", async () => {
    const { code, out } = await command(words(`plan ${ALL} --format markdown`), { files })
    expect(code).toBe(0)
    const blocks = [...out.matchAll(/^```(\w+)\n(.*?)\n```$/gms)].map(([, language, text = ""]) => ({
      language,
      text,
    }))
    expect(blocks.map(({ language }) => language)).toEqual(["hcl", "yaml", "yaml"])
    const [terraform, manifests, services] = blocks.map(({ text }) => text)
    expect(terraform).toMatch(/^PRISMA_POOL_SIZE_CORE = "\d+" +# plan\.json: scaleway_container\.api$/m)
    const containers = (manifests ?? "").split(/^(?=# )/m)
    expect(containers.map((lines) => lines.split("\n")[0])).toEqual([
      "# prod/deployment/api",
      "# prod/cronjob/import",
    ])
    for (const lines of containers)
      expect(parseYaml(lines)).toEqual({
        env: [{ name: "PRISMA_POOL_SIZE_CORE", value: expect.stringMatching(/^\d+$/) }],
      })
    expect(parseYaml(services ?? "")).toEqual({
      services: {
        api: { environment: { PRISMA_POOL_SIZE_CORE: expect.stringMatching(/^\d+$/) } },
        worker: { environment: { PRISMA_POOL_SIZE_CORE: expect.stringMatching(/^\d+$/) } },
      },
    })
  })

  test("prints sizes with which the same check passes, strictly", async () => {
    const planned = await command(words(`plan ${ALL} --format json`), { files })
    const { sizes } = JSON.parse(planned.out).servers[0]
    const size = (name: string) => ({ ...VARIABLES, PRISMA_POOL_SIZE_CORE: String(sizes[name]) })
    const [api = "", job = ""] = MANIFESTS.split("---\n")
    const inManifest = (text: string, name: string) =>
      text.replace(/(PRISMA_POOL_SIZE_CORE, value: )"\d+"/, `$1"${sizes[name]}"`)
    const set = {
      ...files,
      "plan.json": plan([
        server("main"),
        namespace,
        consumer("api", { max_scale: 2, environment_variables: size("plan.json: scaleway_container.api") }),
      ]),
      "k8s.yaml": `${inManifest(api, "prod/deployment/api")}---\n${inManifest(job, "prod/cronjob/import")}`,
      "compose.json": compose({
        api: service({ scale: 2, environment: size("compose.json: service/api") }),
        worker: service({ environment: size("compose.json: service/worker") }),
      }),
    }
    expect(sizes["prod/deployment/api"]).toBeGreaterThan(1)
    const { code, out } = await check(`${ALL} --strict`, { files: set })
    const { check: expected } = JSON.parse(planned.out).servers[0]
    expect([code, out]).toEqual([0, expect.stringContaining(`✓ fits: ${expected.total} of 97`)])
  })

  test("gives a declared consumer the variable of the documents", async () => {
    const named = Object.fromEntries(
      Object.entries(files).map(([name, content]) => [
        name,
        (typeof content === "string" ? content : JSON.stringify(content)).replaceAll(/_CORE\b/g, ""),
      ]),
    )
    const { out } = await command(words(`plan ${ALL} --consumer own=1+0 --format env --for own`), {
      files: named,
    })
    expect(out).toMatch(/^# own\nPRISMA_POOL_SIZE=\d+\n$/)
    const chosen = "--database BILLING --consumer own=1+0 --max-connections 50 --format env --for own"
    expect((await command(words(`plan ${chosen}`))).out).toMatch(/^# own\nPRISMA_POOL_SIZE_BILLING=\d+\n$/)
  })

  test("writes a hostile name where it cannot leave its comment or its key", async () => {
    const evil = "api\n- name: EVIL\n  value: '1' #"
    const manifests = [
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: evil, namespace: "prod" },
        spec: {
          strategy: { type: "Recreate" },
          template: {
            spec: {
              containers: [
                {
                  name: "a",
                  image: "shop:1",
                  env: Object.entries(VARIABLES).map(([name, value]) => ({ name, value })),
                },
              ],
            },
          },
        },
      },
    ]
    const { code, out } = await command(
      words("plan -k k.json --compose c.json --max-connections 50 --format markdown"),
      {
        files: {
          "k.json": { kind: "List", apiVersion: "v1", items: manifests },
          "c.json": compose({ [evil]: service({ environment: VARIABLES }) }),
        },
      },
    )
    expect(code).toBe(0)
    const [inManifests = "", inCompose = ""] = [...out.matchAll(/^```yaml\n(.*?)\n```$/gms)].map(
      ([, text]) => text,
    )
    expect(parseYaml(inManifests)).toEqual({
      env: [{ name: "PRISMA_POOL_SIZE_CORE", value: expect.stringMatching(/^\d+$/) }],
    })
    const { services } = parseYaml(inCompose)
    expect(Object.values(services)).toEqual([
      { environment: { PRISMA_POOL_SIZE_CORE: expect.stringMatching(/^\d+$/) } },
    ])
    expect(Object.keys(services)[0]).toContain("EVIL")
  })

  test("of manifests without an object: 2, and says so", async () => {
    const { code, err } = await command(words("plan -k k.yaml"), { files: { "k.yaml": "---\n" } })
    expect([code, err]).toEqual([
      2,
      expect.stringContaining("documents: there is no object in the manifests"),
    ])
  })
})
