import { describe, expect, test } from "vitest"
import { stringify } from "yaml"
import { fleetFromKubernetes } from "../../src/deployments/index.ts"
import { names, notObjects, refusal } from "../support/bad-values.ts"
import {
  autoscaler,
  client,
  configMap,
  cronJob,
  deployment,
  job,
  object,
  pod,
  reading,
  SERVER,
  secret,
  template,
  unknown,
  type Values,
  yaml,
} from "./manifests.ts"
import { connecting, sizes } from "./resources.ts"

const api = deployment("api")
const web = deployment("web", { containers: [{ name: "web", image: "nginx:1.29" }] })

/** Who connects by a text. */
const read = (text: string) => connecting(fleetFromKubernetes(text))

/** Every problem of a text, as a line. */
const problems = (text: string) =>
  refusal(() => fleetFromKubernetes(text)).issues.map(({ name, problem }) => `${name}: ${problem}`)

describe("a stream is", () => {
  const both = ["deployment/api", "deployment/worker"]
  const [one, two] = [stringify(api), stringify(deployment("worker"))]

  test.each<[what: string, text: string]>([
    ["documents", `${one}---\n${two}`],
    [
      "documents with empty ones between them, as templates leave them",
      `---\n---\n${one}---\n\n---\n${two}---\n`,
    ],
    [
      "documents with comments, also alone",
      `# api\n---\n# Source: a.yaml\n${one}---\n# nothing\n---\n${two}# end`,
    ],
    ["a document whose end has no newline", `${one}---\n${two.trimEnd()}`],
    ["a marker whose end has no newline", `${one}---\n${two}---`],
    ["documents that end explicitly", `${one}...\n---\n${two}...\n`],
    ["documents that end explicitly, without a marker", `${one}...\n${two}`],
    ["documents with a version", `%YAML 1.2\n---\n${one}...\n%YAML 1.2\n---\n${two}`],
    ["documents of Windows", `${one}---\n${two}`.replaceAll("\n", "\r\n")],
    ["documents with a byte order mark", `\uFEFF${one}---\n${two}`],
    ["a marker with a comment", `--- # api\n${one}--- # worker\n${two}`],
    ["JSON", `${JSON.stringify(api)}\n${JSON.stringify(deployment("worker"), null, 2)}\n`],
    ["JSON with a byte order mark", `\uFEFF${JSON.stringify(api)}${JSON.stringify(deployment("worker"))}`],
    ["JSON between markers", `---\n${JSON.stringify(api)}\n---\n${JSON.stringify(deployment("worker"))}\n`],
    ["both", `${one}---\n${JSON.stringify(deployment("worker"))}\n`],
  ])("%s", (_, text) => {
    expect(read(text)).toEqual(both)
  })

  test.each([[""], ["\n"], ["# nothing\n"], ["---\n---\n"], ["null\n"], ["---\n# Source: x.yaml\n---\n"]])(
    "empty: %j, and says so",
    (text) => {
      const fleet = fleetFromKubernetes(text)
      expect(fleet.incomplete).toEqual(["there is no object in the manifests"])
      expect(connecting(fleet)).toEqual([])
    },
  )

  test("several texts and objects, which refer to each other", () => {
    const fleet = fleetFromKubernetes([
      yaml([
        ...SERVER,
        deployment("api", { containers: [{ name: "a", envFrom: [{ secretRef: { name: "s" } }] }] }),
      ]),
      secret("s", { DATABASE_URL: "postgresql://app@db/shop", PRISMA_POOL_SIZE: "7" }),
    ])
    expect(sizes(fleet)).toEqual({ "deployment/api": 7 })
  })
})

describe("a list is", () => {
  const list = (items: unknown, kind = "List", more: Values = {}) => ({
    apiVersion: "v1",
    kind,
    items,
    ...more,
  })

  test("opened, as kubectl get prints it", () => {
    expect(
      read(yaml([list([api, web, deployment("worker")], "List", { metadata: { resourceVersion: "" } })])),
    ).toEqual(["deployment/api", "deployment/worker"])
  })

  test("opened in a list", () => {
    expect(read(yaml([list([list([api]), list([list([job("once")])])])]))).toEqual([
      "deployment/api",
      "job/once",
    ])
  })

  test("of items that leave out their kind", () => {
    const { kind: _, apiVersion: __, ...untyped } = api
    expect(read(yaml([{ apiVersion: "apps/v1", kind: "DeploymentList", items: [untyped] }]))).toEqual([
      "deployment/api",
    ])
  })

  test.each([[[]], [null], [undefined]])("empty with the items %j", (items) => {
    expect(fleetFromKubernetes([list(items), api]).incomplete).toEqual([])
    expect(fleetFromKubernetes(list(items)).incomplete).toHaveLength(1)
  })

  test("refused with what is no object in it, by its path", () => {
    expect(problems(stringify(list(["x", api, null, { kind: "Deployment" }])))).toEqual([
      "line 4: is not an object",
      expect.stringMatching(/^line \d+: has no kind and apiVersion/),
    ])
  })

  test("not an object with a name, whatever its kind is called", () => {
    const own = object("example.org/v1", "AccessList", "own", { items: [], spec: { template: template() } })
    expect(unknown(reading([own]))).toEqual(["accesslist/own: type"])
  })

  test("that contains itself read once, and is not endless", () => {
    const own: { apiVersion: string; kind: string; items: unknown[] } = {
      apiVersion: "v1",
      kind: "List",
      items: [api],
    }
    own.items.push(own, own)
    expect(connecting(fleetFromKubernetes(own))).toEqual(["deployment/api"])
    let deep: unknown = api
    for (let depth = 0; depth < 12; depth += 1) deep = list([deep])
    expect(refusal(() => fleetFromKubernetes(deep)).issues).toMatchObject([
      { problem: "is a list in 10 others" },
    ])
  })
})

describe("a List in YAML, whose items are parsed one by one, is what it is as a whole:", () => {
  const tricky = configMap("c", {
    script: "items:\n- a\n\n  - b\n# no comment\n- c\n",
    text: "one\n- two\n--- three",
    empty: "",
  })
  const list = {
    apiVersion: "v1",
    items: [api, tricky, secret("s", { A: "x" }), { kind: "List", apiVersion: "v1", items: [web] }],
    kind: "List",
  }
  const addresses = (text: string) => fleetFromKubernetes(text).resources.map(({ address }) => address)
  const whole = ["deployment/api", "configmap/c", "secret/s", "deployment/web"]

  test.each<[what: string, text: string]>([
    ["with indented items", stringify(list)],
    ["as kubectl prints it", stringify(list, { indentSeq: false })],
    ["with items alone at its end", stringify({ apiVersion: "v1", kind: "List", items: list.items })],
    ["with four spaces", stringify(list, { indent: 4 })],
    ["with a marker", `---\n${stringify(list)}`],
    [
      "with comments and empty lines",
      stringify(list, { indentSeq: false }).replaceAll("\n- ", "\n\n# next\n- "),
    ],
    ["from Windows", stringify(list, { indentSeq: false }).replaceAll("\n", "\r\n")],
    [
      "with an anchor of another item",
      stringify(list)
        .replace("kind: Deployment", "kind: &kind Deployment")
        .replace(/kind: Deployment/, "kind: *kind"),
    ],
    ["beside another document", `${stringify(list)}---\n${yaml([job("x")])}`],
  ])("%s", (_, text) => {
    expect(addresses(text).filter((address) => address !== "job/x")).toEqual(whole)
  })

  test("with a string of several lines that look like items", () => {
    const text = stringify(list, { indentSeq: false }).replace(
      "name: c\n",
      'name: "c"\n      note: "a\n\n- b"\n',
    )
    expect(problems(text)[0]).toMatch(/^line \d+: is not valid YAML/)
  })

  test("with the lines of its objects, and of what is wrong in them", () => {
    for (const text of [
      stringify(list),
      stringify(list, { indentSeq: false }),
      JSON.stringify(list, null, 1),
    ]) {
      const bad = text
        .replace('"10"', "hunter2")
        .replace("value: hunter2", 'value: "hunter2"')
        .replace('"value": hunter2', '"value": "hunter2"')
      const { issues } = refusal(() => fleetFromKubernetes(bad))
      const lines = text.split("\n")
      const line = Number(/^line (\d+): deployment\/api\.PRISMA_POOL_SIZE$/.exec(issues[0]?.name ?? "")?.[1])
      expect(lines.slice(line - 1, line + 2).join("\n")).toContain("apps/v1")
    }
    const twice = stringify({
      ...list,
      items: [...list.items, { ...api, spec: { replicas: 1, template: template() } }],
    })
    const line =
      twice.split("\n").length -
      [...twice.split("\n")].reverse().findIndex((each) => each.includes("apiVersion: apps/v1"))
    expect(problems(twice)).toEqual([`line ${line}: deployment/api is also at line 3`])
    const wrong = stringify({ ...list, items: [web, deployment("x", { spec: { replicas: "many" } })] })
    const at = wrong.split("\n").findIndex((each) => each.includes("many")) + 1
    expect(problems(wrong)).toEqual([`line ${at}: Deployment has a value of the wrong type at spec.replicas`])
  })
})

describe("YAML is read as a cluster reads it:", () => {
  test("anchors and merge keys", () => {
    const text = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  template:
    spec:
      containers:
        - &app
          name: app
          image: shop:1
          env: &env
            - {name: DATABASE_URL, value: "postgresql://app@db/shop"}
            - {name: PRISMA_POOL_SIZE, value: "4"}
        - <<: *app
          name: second
        - {name: third, image: 'shop:1', env: *env}
`
    expect(sizes(fleetFromKubernetes(text))).toEqual({
      "deployment/api": 4,
      "deployment/api (container 2)": 4,
      "deployment/api (container 3)": 4,
    })
  })

  test("numbers in place of strings, and strings in place of numbers", () => {
    const text = yaml([...SERVER, api])
      .replace("apiVersion: apps/v1\nkind: Deployment", "apiVersion: apps/v1\nkind: Deployment\n")
      .replace('value: "10"', "value: 10")
    expect(sizes(fleetFromKubernetes(text))).toEqual({ "deployment/api": 10 })
    const replicas = (value: unknown) =>
      reading([deployment("api", { spec: { replicas: value } })]).highest.consumers["deployment/api"]
        ?.instances
    expect([replicas(3), replicas("3"), replicas(0)]).toEqual([3, 3, 0])
  })

  test.each([
    ["-1"],
    ["1.5"],
    ["1e12"],
    [".nan"],
    [".inf"],
    ["1_0"],
    ["0b11"],
    ["many"],
    ["yes"],
    ["true"],
    ["[2]"],
    ["{a: 2}"],
    ["'1e3'"],
    ["' 3'"],
    ["9999999999999999999"],
  ])("never %s replicas", (value) => {
    const text = yaml([api]).replace("spec:\n", `spec:\n  replicas: ${value}\n`)
    const [issue, ...others] = refusal(() => fleetFromKubernetes(text)).issues
    expect(issue).toEqual({
      name: "line 6",
      problem: "Deployment has a value of the wrong type at spec.replicas",
      remedy: "Write it as Kubernetes documents it",
    })
    expect(others).toEqual([])
  })

  test("octal and hexadecimal numbers never count less than the cluster's", () => {
    const count = (value: string) =>
      fleetFromKubernetes(yaml([api]).replace("spec:\n", `spec:\n  replicas: ${value}\n`)).highest.consumers[
        "deployment/api"
      ]?.instances
    // YAML 1.1 reads 010 as 8.
    expect([count("010"), count("0o10"), count("0x10")]).toEqual([10, 8, 16])
  })

  test("tags", () => {
    const binary = `apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data:
  DATABASE_URL: !!binary ${Buffer.from("postgresql://app@db/shop").toString("base64")}
`
    const pods = yaml([
      deployment("api", { containers: [{ name: "a", envFrom: [{ configMapRef: { name: "c" } }] }] }),
    ])
    const result = problems(`${binary}---\n${pods}`)
    expect(result).toEqual(["line 5: ConfigMap has a value of the wrong type at data"])
    const own = yaml([api]).replace("name: api", "name: !custom api")
    expect(read(own)).toEqual(["deployment/api"])
    expect(read(yaml([api]).replace('value: "10"', "value: !!str 10"))).toEqual(["deployment/api"])
  })

  test("names of any language, and of Object's own", () => {
    const name = "prix-été-価格"
    expect(read(yaml([deployment(name), deployment("__proto__"), deployment("constructor")]))).toEqual([
      `deployment/${name}`,
      "deployment/__proto__",
      "deployment/constructor",
    ])
    const json = JSON.stringify(api).replace('"spec"', '"__proto__":{"x":1},"spec"')
    expect(read(json)).toEqual(["deployment/api"])
    const own = configMap("c", { constructor: "x", toString: "y" })
    expect(read(yaml([own, api]))).toEqual(["deployment/api"])
  })
})

describe("a text is refused, by its line and without its text,", () => {
  const tail = `\n---\n${yaml([api])}`

  test.each<[what: string, text: string, line: number]>([
    ["with a tab as indentation", "apiVersion: v1\nkind: Secret\ndata:\n\tPASSWORD: hunter2", 4],
    ["with an open string", 'apiVersion: v1\nkind: Secret\ndata:\n  PASSWORD: "hunter2', 4],
    ["with an open array", "apiVersion: v1\nkind: Secret\ndata: [hunter2", 3],
    ["with an unknown alias", "apiVersion: v1\nkind: Secret\ndata: *hunter2", 1],
    ["that is cut off in a key", "apiVersion: v1\nkind: Secret\nda", 3],
    ["of JSON that is cut off", '{"apiVersion": "v1",\n"kind": "Secret",\n"data": {"PASSWORD": "hunter2', 3],
    ["of JSON with a comma too many", '{"apiVersion": "v1",\n"kind": "Secret",, "hunter2": 1}', 2],
    ["with a bad indentation", "apiVersion: v1\nkind: Secret\n  data: hunter2", 2],
  ])("%s", (_, text, line) => {
    for (const each of [text, text + tail]) {
      const { issues, message } = refusal(() => fleetFromKubernetes(each))
      expect(issues[0]).toMatchObject({
        name: expect.stringMatching(/^line \d+$/),
        problem: expect.stringMatching(
          /is not valid YAML from here on|is a Secret without|has an alias of an/,
        ),
      })
      expect(Math.abs(Number(issues[0]?.name.slice(5)) - line)).toBeLessThan(2)
      expect(message).not.toContain("hunter2")
    }
  })

  test("with a key twice, of which the cluster takes one", () => {
    const text = yaml([api]).replace("spec:\n", "kind: Job\nspec:\n")
    const DUPLICATE = "has a key that is there before in the same object"
    expect(problems(text)).toEqual([`line 5: ${DUPLICATE}`])
    const twice = yaml([api]).replace(/( +)name: app\n/, "$1name: app\n$1image: other\n")
    expect(problems(twice)).toEqual([expect.stringContaining(DUPLICATE)])
    expect(problems("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {1: a, '1': b}\n")).toEqual([
      `line 4: ${DUPLICATE}`,
    ])
    const json = JSON.stringify(api).replace('"spec"', '\n"k\\u0069nd":"Job",\n"spec"')
    expect(problems(json)).toEqual([`line 2: ${DUPLICATE}`])
    expect(read(JSON.stringify(api).replace('"spec"', '"x":"kind","y":["kind","kind"],"spec"'))).toHaveLength(
      1,
    )
  })

  test("with aliases that grow without end", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for (let each = 1; each < 12; each += 1) {
      lines.push(`a${each}: &a${each} [${Array.from({ length: 10 }, () => `*a${each - 1}`).join(", ")}]`)
    }
    expect(problems(`apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n${lines.join("\n")}\n`)).toEqual([
      "line 1: has more aliases than can be expanded",
    ])
  })

  test.each([["["], ["{a: "], ["- "], ["? "]])("nested too deeply: %j", (open) => {
    const deep = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\nx: \n  ${open.repeat(10_000)}`
    const [issue] = refusal(() => fleetFromKubernetes(deep)).issues
    expect(issue?.problem).toMatch(/nested too deeply|is not valid YAML|has a key that is not/)
  })

  test("too long", () => {
    expect(problems(`# ${"x".repeat(50_000_000)}`)).toEqual([
      "manifests: has 50,000,002 characters, more than 20,000,000",
    ])
  })

  test.each<[what: string, text: string]>([
    ["an array", "- a\n- b\n"],
    ["a string", "hello\n"],
    ["a number", "42\n"],
    ["binary", "PK\u0003\u0004\0\0\0"],
  ])("as %s", (_, text) => {
    expect(problems(text)[0]).toMatch(/^line 1: is (not an object|not valid YAML from here on)/)
  })

  test.each(notObjects.slice(1).map((value) => [value]))("as %s", (value) => {
    if (Array.isArray(value) && value.length === 0) return
    expect(names(refusal(() => fleetFromKubernetes([value])))).toHaveLength(1)
  })

  test("as something else that people have, with what to do", () => {
    const remedy = (value: unknown) =>
      refusal(() => fleetFromKubernetes([value])).issues.map((each) => each.remedy)
    expect(remedy({ services: { api: {} } })).toEqual([
      "This looks like a compose file: give it with --compose",
    ])
    expect(remedy({ format_version: "1.2" })).toEqual([
      "This looks like a Terraform plan: give it with --terraform",
    ])
    expect(remedy({ resources: ["a.yaml"] })).toEqual(["Give the output of: kubectl kustomize DIRECTORY"])
    for (const kind of ["Kustomization", "Component"]) {
      const own = { apiVersion: "kustomize.config.k8s.io/v1beta1", kind, resources: ["a.yaml"] }
      expect(remedy(own)).toEqual(["Give the output of: kubectl kustomize DIRECTORY"])
    }
  })

  test("with an object that has no name, no kind or no apiVersion", () => {
    const { metadata: _, ...nameless } = api
    expect(
      problems(yaml([nameless, { ...api, kind: "" }, { ...api, apiVersion: null }, { metadata: {} }])),
    ).toEqual([
      "line 1: is a Deployment without a name",
      expect.stringMatching(/^line \d+: has no kind and apiVersion/),
      expect.stringMatching(/^line \d+: has no kind and apiVersion/),
      expect.stringMatching(/^line \d+: has no kind and apiVersion/),
    ])
    expect(problems(yaml([{ ...api, metadata: { name: 5 } }]))).toContain(
      "line 4: Deployment has a value of the wrong type at metadata.name",
    )
  })
})

describe("an object is", () => {
  test("refused if it is there twice, with both places", () => {
    expect(problems(yaml([api, web, api]))).toEqual([
      expect.stringMatching(/^line \d+: deployment\/api is also at line 1$/),
    ])
    const old = { ...api, apiVersion: "extensions/v1beta1" }
    expect(problems(yaml([api, old]))).toHaveLength(1)
    expect(problems(yaml([cronJob("c"), { ...cronJob("c"), apiVersion: "batch/v1beta1" }]))).toHaveLength(1)
    const error = refusal(() => fleetFromKubernetes([yaml([api]), api]))
    expect(error.issues).toMatchObject([{ problem: "deployment/api is also at manifests[0]:1" }])
  })

  test("another one in another namespace, and of another group", () => {
    const knative = object("serving.knative.dev/v1", "Service", "db", { spec: { template: template() } })
    const fleet = reading([
      api,
      deployment("api", { metadata: { namespace: "a" } }),
      deployment("api", { metadata: { namespace: "b" } }),
      knative,
    ])
    expect(connecting(fleet).toSorted()).toEqual(["a/deployment/api", "b/deployment/api", "deployment/api"])
    expect(unknown(fleet)).toEqual(["service.serving.knative.dev/db: type"])
  })

  test("in the given namespace if it names none", () => {
    const own = deployment("api", { metadata: { namespace: "" } })
    expect(connecting(reading([own, job("x")], { namespace: "prod" }))).toEqual([
      "prod/deployment/api",
      "prod/job/x",
    ])
    expect(connecting(reading([own]))).toEqual(["deployment/api"])
    const role = object("rbac.authorization.k8s.io/v1", "ClusterRole", "r")
    const { resources } = reading([role], { namespace: "prod" })
    expect(resources.map(({ address }) => address)).toContain("clusterrole/r")
  })

  test("one of several with a generated name", () => {
    const generated = (name: string) => job(name, { metadata: { name: undefined, generateName: "migrate-" } })
    const text = yaml([generated("a"), generated("b")]).replaceAll(/ {2}name: [ab]\n/g, "")
    expect(read(text)).toEqual(["job/migrate-*", "job/migrate-* 2"])
  })

  test("counted once if kubectl get shows what it made too", () => {
    const owner = (kind: string, name: string) => ({
      ownerReferences: [{ apiVersion: "v1", kind, name, uid: "1", controller: true }],
    })
    const made = [
      object("apps/v1", "ReplicaSet", "api-1", {
        metadata: owner("Deployment", "api"),
        spec: { template: template() },
      }),
      pod("api-1-a", { metadata: owner("ReplicaSet", "api-1") }),
      cronJob("nightly"),
      job("nightly-1", { metadata: owner("CronJob", "nightly") }),
      pod("nightly-1-a", { metadata: owner("Job", "nightly-1") }),
    ]
    expect(connecting(reading([api, ...made]))).toEqual(["deployment/api", "cronjob/nightly"])
    // Such an owner only says when the object is deleted.
    const others = [
      configMap("c", {}),
      pod("debug", { metadata: owner("ConfigMap", "c") }),
      pod("one", { metadata: owner("Pod", "two") }),
      pod("two", { metadata: owner("Pod", "one") }),
    ]
    expect(connecting(reading(others))).toEqual(["pod/debug", "pod/one", "pod/two"])
    const suspended = cronJob("off", { spec: { suspend: true } })
    const running = job("off-1", { metadata: owner("CronJob", "off") })
    expect(reading([suspended, running]).highest.jobs).toMatchObject([
      { name: "cronjob/off", concurrent: 0 },
      { name: "job/off-1", concurrent: 1 },
    ])
  })
})

test("10,000 objects are read, each of them, and fewer in the forms that take long to write", () => {
  const named = (index: number) => [
    deployment(`api-${index}`, {
      containers: [{ name: "a", envFrom: [{ secretRef: { name: `s-${index}` } }] }],
    }),
    secret(`s-${index}`, { DATABASE_URL: "postgresql://app@db/shop" }),
    autoscaler(`h-${index}`, { name: `api-${index}` }, 3),
    object("v1", "Service", `api-${index}`),
  ]
  const objects = Array.from({ length: 2_500 }, (_, index) => named(index)).flat()
  const list = { apiVersion: "v1", kind: "List", items: objects }
  for (const text of [
    yaml(objects),
    stringify(list, { aliasDuplicateObjects: false }),
    JSON.stringify(list),
  ]) {
    const fleet = fleetFromKubernetes([text, ...SERVER])
    expect(Object.keys(fleet.highest.consumers)).toHaveLength(2_500)
    expect(fleet.highest.consumers["deployment/api-2499"]).toMatchObject({ instances: 3, poolSize: 15 })
    expect(unknown(fleet)).toEqual([])
  }
})

describe("a part of an object is refused:", () => {
  test.each<[what: string, spec: unknown, problem: string]>([
    ["a patch of its replicas", { replicas: 5 }, "without containers"],
    ["one that was cut off", null, "without containers"],
    ["one without containers", { template: { spec: { containers: [] } } }, "without containers"],
    [
      "a patch of a container",
      { template: { spec: { containers: [{ name: "app", env: [] }] } } },
      "with a container that has no image",
    ],
  ])("%s", (_, spec, problem) => {
    expect(refusal(() => reading([object("apps/v1", "Deployment", "api", { spec })])).issues).toEqual([
      {
        name: expect.stringMatching(/^line \d+$/),
        problem: `is a Deployment ${problem}, so it is a part of an object`,
        remedy: "Give whole objects: kubectl kustomize applies patches",
      },
    ])
  })
})

test("an error names the line of its own object, also where names have dots", () => {
  const bad = (name: string) =>
    deployment(name, { containers: [client({ env: [{ name: "DATABASE_URL", value: "hunter2" }] })] })
  const { issues, message } = refusal(() => fleetFromKubernetes(yaml([bad("api"), bad("api.v2")])))
  const [first, second] = issues.map(({ name }) => /^line (\d+): deployment\/(.+)$/.exec(name) ?? [])
  expect([first?.[2], second?.[2]]).toEqual(["api.DATABASE_URL", "api.v2.DATABASE_URL"])
  expect(Number(first?.[1])).toBeLessThan(Number(second?.[1]))
  expect(message).not.toContain("hunter2")
})

/** Runs that nothing ends may pile up, however often they start. */
const ENDLESS = ["cronjob/c.activeDeadlineSeconds: count", "cronjob/c.schedule: schedule"]

describe("a template that was not rendered is", () => {
  test.each<[what: string, text: string]>([
    ["in place of a value", yaml([api]).replace("spec:\n", "spec:\n  replicas: {{ .Values.replicas }}\n")],
    ["as a line of its own", yaml([api]).replace("spec:\n", "spec:\n{{- if .Values.on }}\n")],
    [
      "that includes another",
      yaml([api]).replace("metadata:\n", 'metadata:\n  {{- include "labels" . | nindent 4 }}\n'),
    ],
    ["around a document", `{{- range .Values.jobs }}\n---\n${yaml([api])}{{- end }}\n`],
  ])("refused where YAML sees no string: %s", (_, text) => {
    const { issues } = refusal(() => fleetFromKubernetes(text))
    expect(issues[0]).toMatchObject({
      name: expect.stringMatching(/^line \d+$/),
      remedy: "Give rendered manifests: the output of helm template",
    })
  })

  test("text inside a string, as in alert rules and dashboards", () => {
    const rule = object("monitoring.coreos.com/v1", "PrometheusRule", "r", {
      spec: { groups: [{ rules: [{ annotations: { summary: "{{ $labels.pod }} has no DATABASE_URL" } }] }] },
    })
    const dashboard = configMap("dashboard", { "d.json": '{"legendFormat": "{{ instance }}"}' })
    const fleet = reading([rule, dashboard, deployment("{{ .Release.Name }}-api")])
    expect(unknown(fleet)).toEqual([])
    expect(connecting(fleet)).toEqual(["deployment/{{ .Release.Name }}-api"])
  })

  const T = "{{ .Values.x }}"
  const containers = (fields: Values) => [client(fields)]
  const url = { name: "DATABASE_URL", value: "postgresql://app@db/shop" }
  test.each<[what: string, objects: readonly Values[], found: readonly string[]]>([
    ["replicas", [deployment("a", { spec: { replicas: T } })], ["deployment/a.replicas: count"]],
    [
      "the most of an autoscaler",
      [api, autoscaler("x", { name: "api" }, T)],
      ["deployment/api.maxReplicas: count"],
    ],
    ["parallelism", [job("j", { spec: { parallelism: T } })], ["job/j.parallelism: count"]],
    ["a schedule", [cronJob("c", { spec: { schedule: T } })], ENDLESS],
    ["a time zone", [cronJob("c", { spec: { timeZone: T } })], ENDLESS],
    [
      "a URL",
      [deployment("a", { containers: containers({ env: [{ name: "DATABASE_URL", value: T }] }) })],
      ["deployment/a.DATABASE_URL: size"],
    ],
    [
      "a size",
      [deployment("a", { containers: containers({ env: [url, { name: "PRISMA_POOL_SIZE", value: T }] }) })],
      ["deployment/a.PRISMA_POOL_SIZE: size"],
    ],
    [
      "the name of a variable",
      [deployment("a", { containers: containers({ env: [{ name: T, value: "x" }] }) })],
      ["deployment/a.DATABASE_URL_CORE: environment"],
    ],
    [
      "the name of a Secret",
      [deployment("a", { containers: containers({ env: [], envFrom: [{ secretRef: { name: T } }] }) })],
      ["deployment/a.DATABASE_URL_CORE: environment"],
    ],
    [
      "a prefix",
      [
        configMap("c", { URL: "x" }),
        deployment("a", {
          containers: containers({ env: [], envFrom: [{ prefix: T, configMapRef: { name: "c" } }] }),
        }),
      ],
      ["deployment/a.DATABASE_URL_CORE: environment"],
    ],
    [
      "a key of a ConfigMap",
      [
        configMap("c", { [T]: "x" }),
        deployment("a", { containers: containers({ env: [], envFrom: [{ configMapRef: { name: "c" } }] }) }),
      ],
      ["deployment/a.DATABASE_URL_CORE: environment"],
    ],
  ])("unknown in %s", (_, objects, found) => {
    expect(unknown(reading(objects))).toEqual(found)
  })

  test("any target, and any namespace, where it names one", () => {
    const one = autoscaler("x", { name: `${T}-api` }, 9)
    expect(reading([api, one]).highest.consumers["deployment/api"]?.instances).toBe(9)
    const own = deployment("b", {
      metadata: { namespace: T },
      containers: [{ name: "b", envFrom: [{ secretRef: { name: "s" } }] }],
    })
    const stored = secret(
      "s",
      { DATABASE_URL: "postgresql://app@db/shop" },
      { metadata: { namespace: "prod" } },
    )
    expect(connecting(reading([own, stored]))).toEqual(["deployment/b"])
  })

  test("no hook", () => {
    const migrate = job("migrate", { metadata: { annotations: { "helm.sh/hook": T } } })
    expect(reading([migrate]).highest.jobs).toMatchObject([{ name: "job/migrate", concurrent: 1 }])
  })
})
