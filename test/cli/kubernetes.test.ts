import { mkdir, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { parse } from "jsonc-parser"
import { describe, expect, test } from "vitest"
import { compose, consumer } from "../deployments/compose-file.ts"
import {
  autoscaler,
  client,
  cronJob,
  deployment,
  env,
  job,
  object,
  SERVER,
  secret,
  statefulSet,
  URL_OF_DB,
  yaml,
} from "../deployments/manifests.ts"
import { command, directoryWith, words } from "../support/command.ts"

const sized = (size: number) =>
  client({ env: env({ DATABASE_URL: URL_OF_DB, PRISMA_POOL_SIZE: String(size) }) })
const SHOP = [
  ...SERVER,
  deployment("api", { spec: { replicas: 2 } }),
  autoscaler("api", { name: "api" }, 4),
  statefulSet("worker", { spec: { replicas: 2 }, containers: [sized(5)] }),
  cronJob("report", { spec: { concurrencyPolicy: "Forbid" }, containers: [sized(2)] }),
  job("migrate", { metadata: { annotations: { "helm.sh/hook": "pre-upgrade" } }, containers: [sized(1)] }),
  deployment("web", { spec: { replicas: 1 }, containers: [{ name: "web", image: "nginx:1.29" }] }),
]
const shop = yaml(SHOP)
const files = { "shop.yaml": shop }

describe("check --kubernetes exits with", () => {
  test("0 where it fits, and shows the sum, what is assumed and what was read", async () => {
    const { code, out, err } = await command(words("check --kubernetes shop.yaml"), { files })
    // 4 × 10 + 2 × 5 + 2, and at most 4 × 10 + 1 in a deploy.
    expect([code, err]).toEqual([0, ""])
    expect(out).toContain("✓ fits: 52 of 197 usable connections")
    expect(out).toMatch(/deployment\/api +\| +4 \+ 4 +\| +10 \| +40/)
    expect(out).toMatch(/statefulset\/worker +\| +2 +\| +5 \| +10/)
    expect(out).toMatch(/job\/migrate +\| +0 \+ 1 +\| +1 \|/)
    expect(out).toContain("DATABASE_URL in Kubernetes manifests")
    expect(out).toContain("statefulset/db: max_connections 200")
    expect(out).not.toContain("the plan")
  })

  test("0 from stdin, in JSON", async () => {
    const { code, out } = await command(words("check --kubernetes - --format json"), { stdin: shop })
    expect(code).toBe(0)
    expect(parse(out)).toMatchObject({
      verdict: "fits",
      servers: [{ source: { documents: [{ kind: "manifests" }] } }],
    })
  })

  test("1 where it does not fit", async () => {
    const more = yaml([...SHOP, deployment("other", { spec: { replicas: 15 } })])
    const { code, out } = await command(words("check -k m.yaml"), { files: { "m.yaml": more } })
    expect([code, out]).toEqual([1, expect.stringContaining("✗ does not fit: 202 of 197")])
  })

  test("2 where it depends on how long pods take to end, 1 where even the least does not fit", async () => {
    const of = (replicas: number) => yaml([...SERVER, deployment("api", { spec: { replicas } })])
    // 12 × 10, and from 3 × 10 to 12 × 10 more.
    const open = await command(words("check -k m.yaml"), { files: { "m.yaml": of(12) } })
    expect([open.code, open.out]).toEqual([
      2,
      expect.stringContaining("deployment/api.surge: depends on how long"),
    ])
    const full = await command(words("check -k m.yaml"), { files: { "m.yaml": of(17) } })
    expect(full.code).toBe(1)
    const config = { deployments: { override: { "*": { surge: 3, reason: "ends at once" } } } }
    const set = { files: { "m.yaml": of(12), "pool.config.json": config } }
    expect((await command(words("check -k m.yaml"), set)).code).toBe(0)
  })

  test.each([[""], ["---\n"], ["# nothing\n"]])("2 for an input without objects: %j", async (stdin) => {
    const { code, out } = await command(words("check -k - --max-connections 100"), { stdin })
    expect([code, out]).toEqual([2, expect.stringContaining("there is no object in the manifests")])
  })

  test("2 for what is not seen, and 0 when it is excluded or acknowledged", async () => {
    const rollout = object("argoproj.io/v1alpha1", "Rollout", "next", { spec: { x: "DATABASE_URL" } })
    const setting = { files: { "m.yaml": yaml([...SHOP, rollout]) } }
    const { code, out } = await command(words("check -k m.yaml"), setting)
    expect([code, out]).toEqual([2, expect.stringContaining("rollout/next: has DATABASE_URL")])
    const line = "check -k m.yaml --consumer next=1x20 --exclude rollout/next=declared"
    expect((await command(words(line), setting)).code).toBe(0)
    const { cwd } = await command(words("baseline -k m.yaml --reason reserved"), setting)
    expect((await command(words("check -k m.yaml --reserved next=20"), { cwd })).code).toBe(0)
  })
})

describe("it exits with 3, names file and line, and prints nothing else, for", () => {
  test.each<[what: string, text: string | Uint8Array, message: RegExp]>([
    ["what is not YAML", "a: b\nc: [", /^.*m\.yaml:2: is not valid YAML from here on/],
    ["JSON that is cut off", '{"kind": "List",\n"items": [', /m\.yaml:2: is not valid YAML from here on/],
    ["a template", "a: b\nreplicas: {{ .Values.x }}\n", /m\.yaml:2: has a template/],
    ["another tool's file", "services: {}\n", /m\.yaml:1: has no kind.*give it with --compose/],
    [
      "a patch",
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n",
      /m\.yaml:1: is a Deployment without/,
    ],
    [
      "an object twice",
      `${shop}---\n${yaml([SHOP[2]])}`,
      /m\.yaml:\d+: deployment\/api is also at m\.yaml:\d+/,
    ],
    [
      "a wrong value",
      shop.replace("replicas: 2", "replicas: many"),
      /m\.yaml:\d+: Deployment has a value of the wrong type at spec\.replicas/,
    ],
    [
      "a variable that the client refuses",
      shop.replace('"10"', "ten"),
      /m\.yaml:\d+: deployment\/api\.PRISMA_POOL_SIZE/,
    ],
    ["a compressed file", new Uint8Array([31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 10, 200, 7]), /m\.yaml:\d+: /],
    [
      "UTF-16 that is YAML of another kind",
      new Uint8Array([0xff, 0xfe, 0x61, 0, 0x0a, 0]),
      /m\.yaml:1: is not an object/,
    ],
  ])("%s", async (_, text, message) => {
    const { code, out, err } = await command(words("check -k m.yaml"), { files: { "m.yaml": text } })
    expect([code, out]).toEqual([3, ""])
    expect(err).toMatch(message)
    expect(err).not.toContain("    at ")
  })

  test("everything that is wrong, at once", async () => {
    const bad = {
      "a.yaml": "x: [",
      "b.yaml": "kind: x\n",
      "c.yaml": yaml([{ apiVersion: "v1", kind: "Pod" }]),
    }
    const { code, err } = await command(words("check -k a.yaml -k b.yaml -k c.yaml"), { files: bad })
    expect(code).toBe(3)
    for (const name of ["a.yaml:1", "b.yaml:1", "c.yaml:1"]) expect(err).toContain(name)
  })

  test("a pipe that ends in the middle", async () => {
    const stdin = shop.slice(0, shop.indexOf("replicas: 2") + 4)
    const { code, err } = await command(words("check -k -"), { stdin })
    expect([code, err]).toEqual([
      3,
      expect.stringMatching(/stdin:\d+: ends within a line, so it may be cut off/),
    ])
    const whole = await command(words("check -k -"), {
      stdin: JSON.stringify({ apiVersion: "v1", kind: "List", items: SHOP }),
    })
    expect(whole.code).toBe(0)
  })

  test("stdin twice, and what is not there", async () => {
    const twice = await command(words("check -k - -k -"), { stdin: shop })
    expect([twice.code, twice.err]).toEqual([3, expect.stringContaining("stdin: is given twice")])
    const gone = await command(words("check -k gone.yaml"))
    expect([gone.code, gone.err]).toEqual([3, expect.stringContaining("gone.yaml: cannot be read (ENOENT)")])
  })

  test("the same file twice", async () => {
    const { code, err } = await command(words("check -k shop.yaml -k ./shop.yaml"), { files })
    expect([code, err]).toEqual([3, expect.stringContaining("is also at shop.yaml:1")])
  })
})

describe("a hostile file ends with exit code 3, an error in one line, and no stack:", () => {
  const bomb = () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for (let each = 1; each < 20; each += 1) {
      lines.push(`a${each}: &a${each} [${Array.from({ length: 10 }, () => `*a${each - 1}`).join(", ")}]`)
    }
    return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n${lines.join("\n")}\n`
  }
  const head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"
  test.each<[what: string, text: () => string, message: RegExp]>([
    [
      "50 MB",
      () => `# ${"x".repeat(50_000_000)}\n`,
      /m\.yaml: has 50,000,003 characters, more than 20,000,000/,
    ],
    ["a bomb", bomb, /m\.yaml:1: has more aliases than can be expanded/],
    ["10,000 levels of [", () => `${head}data: ${"[".repeat(10_000)}`, /m\.yaml:\d: is nested too deeply/],
    ["10,000 levels of [ in the root", () => "[".repeat(10_000), /m\.yaml:\d: is nested too deeply/],
    [
      "10,000 levels of [ that end",
      () => `${head}data: ${"[".repeat(10_000)}${"]".repeat(10_000)}`,
      /nested too deeply/,
    ],
    [
      "10,000 levels of indentation",
      () => Array.from({ length: 5_000 }, (_, at) => `${" ".repeat(at)}a:`).join("\n"),
      /nested too deeply/,
    ],
    [
      "100,000 levels of JSON",
      () => `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`,
      /m\.yaml:1: has no kind/,
    ],
    [
      "lists in lists",
      () => `${'{"apiVersion":"v1","kind":"List","items":['.repeat(50_000)}${"]}".repeat(50_000)}`,
      /is a list in 10 others/,
    ],
    [
      "100,000 keys that are the same",
      () => `${head}data:\n${"  a: b\n".repeat(100_000)}`,
      /m\.yaml:\d+: has a key that is there before/,
    ],
  ])("%s", async (_, text, message) => {
    const { code, out, err } = await command(words("check -k m.yaml"), { files: { "m.yaml": text() } })
    expect([code, out]).toEqual([3, ""])
    expect(err).toMatch(message)
    expect(err).not.toMatch(/\n {4}at |internal/)
    expect(err.length).toBeLessThan(1_000)
  })

  test("but not 100,000 keys that differ", async () => {
    const keys = Array.from({ length: 100_000 }, (_, at) => `  k${at}: b\n`).join("")
    const { code } = await command(words("check -k m.yaml"), {
      files: { "m.yaml": `${shop}---\n${head}data:\n${keys}` },
    })
    expect(code).toBe(0)
  })
})

describe("a directory is", () => {
  const tree = async (entries: Readonly<Record<string, string>>) => {
    const cwd = await directoryWith({})
    for (const [path, text] of Object.entries(entries)) {
      await mkdir(join(cwd, path, ".."), { recursive: true })
      await writeFile(join(cwd, path), text)
    }
    return cwd
  }
  const parts = Object.fromEntries(SHOP.map((each, index) => [`k8s/${index}.yaml`, yaml([each])]))

  test("all that is in it, at any depth", async () => {
    const deep = Object.fromEntries(
      SHOP.map((each, index) => [
        `k8s/${["a", "b/c", "."][index % 3]}/${index}.${index % 2 ? "yml" : "yaml"}`,
        yaml([each]),
      ]),
    )
    for (const entries of [parts, { ...deep, "k8s/README.md": "# no manifest", "k8s/values.txt": "x: [" }]) {
      const { code, out } = await command(words("check -k k8s"), { cwd: await tree(entries) })
      expect([code, out]).toEqual([0, expect.stringContaining("fits: 52 of 197")])
    }
  })

  test("followed by links, which lead round in circles", async () => {
    const cwd = await tree(parts)
    await symlink(join(cwd, "k8s"), join(cwd, "k8s", "again"))
    await mkdir(join(cwd, "outside"))
    await writeFile(join(cwd, "outside", "other.yaml"), yaml([deployment("other")]))
    await symlink(join(cwd, "outside"), join(cwd, "k8s", "linked"))
    const { code, out } = await command(words("check -k k8s"), { cwd })
    expect([code, out]).toEqual([0, expect.stringContaining("fits: 62 of 197")])
  })

  test("empty, which is nothing to check", async () => {
    const { code } = await command(words("check -k k8s --max-connections 100"), {
      cwd: await tree({ "k8s/x.txt": "" }),
    })
    expect(code).toBe(2)
  })

  test.each([
    ["kustomization.yaml", "kubectl kustomize k8s"],
    ["kustomization.yml", "kubectl kustomize k8s"],
    ["Kustomization", "kubectl kustomize k8s"],
    ["Chart.yaml", "helm template RELEASE k8s"],
  ])("refused with %s, with the command to run", async (name, line) => {
    const cwd = await tree({ ...parts, [`k8s/${name}`]: "resources: []\n" })
    const { code, err } = await command(words("check -k k8s"), { cwd })
    expect(code).toBe(3)
    expect(err).toContain(`k8s: has a ${name}, so its manifests are not rendered`)
    expect(err).toContain(`Run: ${line} | prisma-pool check --kubernetes -`)
    const deeper = await tree({ ...parts, [`k8s/base/${name}`]: "resources: []\n" })
    expect((await command(words("check -k k8s"), { cwd: deeper })).err).toContain("k8s/base: has a")
  })
})

describe("messages", () => {
  const missing = (index: number) =>
    cronJob(`job-${index}`, {
      metadata: { namespace: "shop" },
      containers: [client({ env: [], envFrom: [{ secretRef: { name: "database" } }] })],
      spec: { concurrencyPolicy: "Forbid" },
    })
  const thirty = yaml([...SHOP, ...Array.from({ length: 30 }, (_, index) => missing(index))])

  test("thirty jobs with one cause are one line, with the count and the first three names", async () => {
    const { code, out } = await command(words("check -k m.yaml"), { files: { "m.yaml": thirty } })
    expect(code).toBe(2)
    const lines = out.split("\n").filter((line) => line.includes("may be set"))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(
      "  shop/cronjob/job-0.DATABASE_URL, shop/cronjob/job-1.DATABASE_URL, shop/cronjob/job-2.DATABASE_URL, and 27 more: may be set: its environment is in Secret database, which is not in the manifests",
    )
  })

  test("what is not known and decides ends with how an exclusion and an override are written, which work as printed", async () => {
    const fromSecret = [{ name: "DATABASE_URL", valueFrom: { secretKeyRef: { name: "db", key: "url" } } }]
    const api = deployment("api", { containers: [client({ env: fromSecret })], spec: { replicas: 2 } })
    const files = { "m.yaml": yaml([api, missing(0)]) }
    const args = words("check -k m.yaml --max-connections 40 --database DATABASE_URL")
    const { code, out } = await command(args, { files })
    expect(code).toBe(2)
    const [, flag, exclusion] = /To exclude: (--exclude) '([^']+)'/.exec(out) ?? []
    const [, override = ""] = /To override, in pool\.config\.json: (.+)/.exec(out) ?? []
    const declared = { ...files, "pool.config.json": override.replace("N", "5") }
    const stated = await command([...args, `${flag}`, `${exclusion}`], { files: declared })
    expect([stated.code, stated.out]).toEqual([0, expect.stringContaining("Excluded")])
  })

  test("a variable that no manifest names is guessed by the size beside it, which is said", async () => {
    const sync = (size: Readonly<Record<string, string>>) =>
      cronJob("sync", {
        containers: [client({ env: env(size), envFrom: [{ secretRef: { name: "db" } }] })],
        spec: { concurrencyPolicy: "Forbid" },
      })
    const checked = (size: Readonly<Record<string, string>>, flags = "") =>
      command(words(`check -k m.yaml --max-connections 40 ${flags}`), {
        files: { "m.yaml": yaml([sync(size)]) },
      })
    const unnamed = await checked({ PRISMA_POOL_SIZE: "5" })
    expect(unnamed.code).toBe(0)
    expect(unnamed.out).toContain(
      "Warnings\n  DATABASE_URL was looked for, because the documents name neither it nor DATABASE_URL_CORE: if the variable is DATABASE_URL_CORE, give --database CORE\n",
    )
    const core = await checked({ PRISMA_POOL_SIZE_CORE: "5" })
    expect(core.out).toContain("if the variable is DATABASE_URL, give --database DATABASE_URL\n")
    const named = await checked({ PRISMA_POOL_SIZE_CORE: "5" }, "--database CORE")
    expect(named.code).toBe(0)
    expect(named.out).not.toContain("Warnings")
  })

  test("annotations have the file and the line of the manifest", async () => {
    const line = thirty.slice(0, thirty.indexOf("name: job-0")).split("\n").length - 3
    const { code, out } = await command(words("check -k m.yaml --format github"), {
      files: { "m.yaml": thirty },
    })
    expect(code).toBe(2)
    const [annotation, ...others] = out.split("\n").filter((each) => each.includes("may be set"))
    expect(others).toEqual([])
    expect(annotation).toMatch(
      new RegExp(
        `^::error title=Connection budget,file=m\\.yaml,line=${line}::shop/cronjob/job-0\\.DATABASE_URL, `,
      ),
    )
    expect(out).toMatch(/::error title=Connection budget,file=m\.yaml,line=\d+::deployment\/api\.surge: /)
  })

  test("a hostile name of a file stays in its property", async () => {
    const name = "a,b%3A ::error::x.yaml"
    const { out } = await command(["check", "-k", name, "--format", "github"], { files: { [name]: thirty } })
    for (const each of out.trimEnd().split("\n")) expect(each).toMatch(/^::(error|notice|warning) title=/)
    expect(out).toContain("file=a%2Cb%253A %3A%3Aerror%3A%3Ax.yaml,line=")
  })

  test("values of Secrets are in no output, decoded or not", async () => {
    const value = "hunter2-of-the-database"
    const encoded = Buffer.from(value).toString("base64")
    const own = [
      secret("s", { DATABASE_URL: `postgresql://app:${value}@db/shop`, TOKEN: value, ".env": `X=${value}` }),
      secret("bad", { PRISMA_POOL_SIZE: value }),
      deployment("own", {
        containers: [
          client({
            env: [],
            envFrom: [{ secretRef: { name: "s" } }],
            volumeMounts: [{ name: "v", mountPath: "/x" }],
          }),
        ],
        pod: { volumes: [{ name: "v", secret: { secretName: "s" } }] },
      }),
    ]
    const worse = deployment("bad", {
      containers: [
        client({ envFrom: [{ secretRef: { name: "bad" } }], env: env({ DATABASE_URL: URL_OF_DB }) }),
      ],
    })
    for (const objects of [
      [...SHOP, ...own],
      [...SHOP, ...own, worse],
    ]) {
      for (const text of [yaml(objects), `${yaml(objects)}\n---\nkind: Secret\ndata: {a: ${encoded}\n`]) {
        for (const format of ["text", "json", "markdown", "github"]) {
          const { out, err } = await command(words(`check -k m.yaml --format ${format}`), {
            files: { "m.yaml": text },
          })
          expect(out + err).not.toBe("")
          expect(out + err).not.toContain(value)
          expect(out + err).not.toContain(encoded.slice(0, 12))
        }
      }
    }
  })
})

describe("beside other formats", () => {
  test("everything adds up", async () => {
    const both = { "shop.yaml": shop, "c.json": compose({ tool: consumer() }) }
    const line = "check -k shop.yaml --compose c.json --consumer own=1x2+0"
    const { code, out } = await command(words(line), { files: both })
    // 52 + 10 + 2
    expect([code, out]).toEqual([0, expect.stringContaining("fits: 64 of 197")])
  })

  test("the namespace of a flag is before that of a declaration", async () => {
    const config = { deployments: { namespace: "declared" } }
    const setting = { files: { "shop.yaml": shop, "pool.config.json": config } }
    const declared = await command(words("check -k shop.yaml"), setting)
    expect(declared.out).toContain("declared/deployment/api")
    const given = await command(words("check -k shop.yaml --namespace given"), setting)
    expect(given.out).toContain("given/deployment/api")
  })

  test("exclusions and overrides are for one namespace, or for all, or by a pattern", async () => {
    const inBoth = ["a", "b"].map((namespace) =>
      deployment("api", { metadata: { namespace }, spec: { replicas: 2, strategy: { type: "Recreate" } } }),
    )
    const total = async (deployments: object) => {
      const setting = {
        files: { "m.yaml": yaml([...SERVER, ...inBoth]), "pool.config.json": { deployments } },
      }
      const { out } = await command(words("check -k m.yaml"), setting)
      return /(\d+) of 197/.exec(out)?.[1]
    }
    expect(await total({})).toBe("40")
    expect(await total({ exclude: { "a/deployment/api": "other" } })).toBe("20")
    expect(await total({ override: { "deployment/api": { poolSize: 3, reason: "x" } } })).toBe("12")
    // A pattern leaves what is known to connect.
    expect(await total({ exclude: { "*/deployment/*": "all" } })).toBe("40")
  })
})
