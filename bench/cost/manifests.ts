// What it takes to read a cluster's manifests: `npx tsx bench/cost/manifests.ts [objects]`, after `npm run build`. Each form is
// read by a process of its own, as by the command.
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { stringify } from "yaml"
import { markdownTable } from "../../scripts/markdown-table.ts"
import { median, shownNumber } from "../statistics.ts"

const OBJECTS = Number(process.argv[2] ?? 10_000)
const RUNS = 5

/** A Deployment with its Service, its ConfigMap and its Secret. */
function application(index: number): readonly object[] {
  const metadata = {
    name: `app-${index}`,
    namespace: `team-${index % 50}`,
    labels: { "app.kubernetes.io/name": `app-${index}`, "helm.sh/chart": "app-1.2.3" },
  }
  const selector = { "app.kubernetes.io/name": metadata.name }
  const container = {
    name: "app",
    image: `registry.example.org/app:${index}`,
    ports: [{ containerPort: 3000, name: "http" }],
    envFrom: [{ configMapRef: { name: metadata.name } }, { secretRef: { name: metadata.name } }],
    env: [{ name: "PRISMA_POOL_SIZE", value: "5" }],
    readinessProbe: { httpGet: { path: "/health", port: "http" } },
    resources: { limits: { memory: "512Mi" }, requests: { cpu: "100m" } },
  }
  const url = Buffer.from(`postgresql://app:pw@db.data:5432/shop?schema=s${index}`).toString("base64")
  return [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: 3,
        selector: { matchLabels: selector },
        template: { metadata: { labels: selector }, spec: { containers: [container] } },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector, ports: [{ port: 80, targetPort: "http" }] },
    },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata,
      data: { LOG_LEVEL: "info", API_URL: "https://api.example.org" },
    },
    { apiVersion: "v1", kind: "Secret", metadata, data: { DATABASE_URL: url, TOKEN: "c2VjcmV0" } },
  ]
}

const objects = Array.from({ length: OBJECTS / 4 }, (_, index) => application(index)).flat()
const list = { apiVersion: "v1", kind: "List", items: objects }
const FORMS = {
  "a stream of YAML": objects.map((each) => stringify(each)).join("---\n"),
  "a List in YAML": stringify(list, { aliasDuplicateObjects: false }),
  "a List in JSON": JSON.stringify(list, null, 2),
}

const READER = `
import { readFileSync } from "node:fs"
import { fleetFromKubernetes } from "${join(import.meta.dirname, "../../dist/deployments/index.js")}"
const text = readFileSync(process.argv[1], "utf8")
const start = performance.now()
fleetFromKubernetes(text)
const millis = performance.now() - start
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
console.log(JSON.stringify({ millis, processor: (userCPUTime + systemCPUTime) / 1000, megabytes: maxRSS / 1024 }))
`

interface Run {
  readonly millis: number
  readonly processor: number
  readonly megabytes: number
}

const directory = mkdtempSync(join(tmpdir(), "manifests-"))
try {
  const rows = Object.entries(FORMS).map(([form, text]) => {
    const file = join(directory, "manifests.yaml")
    writeFileSync(file, text)
    const runs = Array.from({ length: RUNS }, (): Run => {
      const args = ["--input-type=module", "-e", READER, file]
      return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }))
    })
    const of = (figure: keyof Run) => median(runs.map((run) => run[figure]))
    return [
      form,
      `${shownNumber(text.length / 1e6)} MB`,
      `${shownNumber(of("millis"))} ms`,
      `${shownNumber(of("processor"))} ms`,
      `${shownNumber(of("megabytes"))} MB`,
    ]
  })
  process.stdout.write(`${OBJECTS} objects, medians of ${RUNS} processes\n\n`)
  process.stdout.write(
    markdownTable(["form", "size", "to read it", "processor, with the start", "memory"], rows),
  )
} finally {
  rmSync(directory, { recursive: true, force: true })
}
