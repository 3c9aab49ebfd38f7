import { describe, expect, test } from "vitest"
import { type DeploymentOptions, fleetFromTerraform } from "../../src/deployments/index.ts"
import { isInfrastructure } from "../../src/deployments/terraform/helm/infrastructure-charts.ts"
import { constant, created, firstPlan, refersTo } from "../support/stack.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import type { Values } from "./kubernetes-objects.ts"
import { CORE, consumer } from "./resources.ts"

const CERT_MANAGER = { name: "cert-manager", chart: "cert-manager", repository: "https://charts.jetstack.io" }

const release = (values: Values, more: Partial<PlannedResource> = {}): PlannedResource => ({
  address: "helm_release.main",
  values,
  ...more,
})

const read = (resources: readonly PlannedResource[], options: DeploymentOptions = {}) =>
  fleetFromTerraform(plan(resources), { keys: ["DATABASE_URL_CORE"], maxConnections: 100, ...options })

const found = (values: Values, more: Partial<PlannedResource> = {}) => {
  const { unknowns, assumptions } = read([release(values, more)])
  return {
    unknowns: unknowns.map(({ problem }) => problem),
    assumed: assumptions.map(({ assumed }) => assumed),
  }
}

const ASSUMED = ["charts of infrastructure open no connection to the server: helm_release.main"]
const UNSEEN = ["a plan does not show what its chart renders"]

describe("a chart of infrastructure is an assumption:", () => {
  test.each<[string, string, string | null]>([
    ["cert-manager", "cert-manager", "https://charts.jetstack.io"],
    ["with a slash at its end", "cert-manager", "https://charts.jetstack.io/"],
    ["ingress-nginx", "ingress-nginx", "https://kubernetes.github.io/ingress-nginx"],
    ["external-dns", "external-dns", "https://kubernetes-sigs.github.io/external-dns/"],
    ["metrics-server", "metrics-server", "https://kubernetes-sigs.github.io/metrics-server/"],
    ["prometheus", "kube-prometheus-stack", "https://prometheus-community.github.io/helm-charts"],
    ["datadog", "datadog", "https://helm.datadoghq.com"],
    ["karpenter", "karpenter", "oci://public.ecr.aws/karpenter"],
    ["karpenter by its reference", "oci://public.ecr.aws/karpenter/karpenter", null],
    ["by its reference, and an empty repository", "oci://public.ecr.aws/karpenter/karpenter", ""],
    ["argo-cd", "argo-cd", "https://argoproj.github.io/argo-helm"],
    ["the load balancers of AWS", "aws-load-balancer-controller", "https://aws.github.io/eks-charts"],
    ["Bitnami's redis", "redis", "oci://registry-1.docker.io/bitnamicharts"],
  ])("%s", (_, chart, repository) => {
    expect(found({ name: "x", chart, repository, values: ["a: 1"] })).toEqual({
      unknowns: [],
      assumed: ASSUMED,
    })
  })

  test("all of them in one line", () => {
    const fleet = read([
      release(CERT_MANAGER, { address: "helm_release.certs" }),
      release({ ...CERT_MANAGER, name: "other" }, { address: 'module.eu.helm_release.certs["b"]' }),
    ])
    expect(fleet.assumptions).toEqual([
      {
        name: "helm_release",
        assumed:
          'charts of infrastructure open no connection to the server: helm_release.certs, module.eu.helm_release.certs["b"]',
        remedy: "If one does, declare what it opens in reserved",
      },
    ])
  })

  test("with values that are known only after apply, as most are in a first plan", () => {
    const set = [{ name: "clusterName" }, { name: "vpcId" }]
    const unknown = { values: true, set: [{ value: true }, { value: true }], metadata: true, manifest: true }
    expect(found({ ...CERT_MANAGER, set }, { unknown })).toEqual({ unknowns: [], assumed: ASSUMED })
  })

  test("while it is deleted", () => {
    const gone = { address: "helm_release.main", before: CERT_MANAGER, actions: ["delete"] }
    expect(read([gone])).toMatchObject({ unknowns: [], warnings: [] })
  })
})

describe("what may be another chart, or run something else, is unknown:", () => {
  test.each<[string, Values, Values?]>([
    [
      "a chart of that name from another repository",
      { ...CERT_MANAGER, repository: "https://charts.example.org" },
    ],
    ["one of that name in a folder", { ...CERT_MANAGER, chart: "./cert-manager", repository: null }],
    ["one of that name without a repository", { ...CERT_MANAGER, repository: null }],
    ["an alias of a repository", { ...CERT_MANAGER, chart: "jetstack/cert-manager", repository: null }],
    ["a path out of the repository", { ...CERT_MANAGER, chart: "../x/cert-manager" }],
    [
      "a repository in a folder of that host",
      { ...CERT_MANAGER, repository: "https://charts.jetstack.io/x" },
    ],
    ["a user in the repository's URL", { ...CERT_MANAGER, repository: "https://a@charts.jetstack.io" }],
    ["another chart of the repository", { ...CERT_MANAGER, chart: "constructor" }],
    [
      "a program that changes what is rendered",
      { ...CERT_MANAGER, postrender: [{ binary_path: "./add.sh" }] },
    ],
    ["such a program, as an object", { ...CERT_MANAGER, postrender: { binary_path: "./add.sh" } }],
    ["no chart", { name: "x" }],
    ["a chart that is known only after apply", { repository: "https://charts.jetstack.io" }, { chart: true }],
    ["such a repository", { chart: "cert-manager" }, { repository: true }],
    ["Bitnami's postgresql", { chart: "postgresql", repository: "https://charts.bitnami.com/bitnami" }],
    ["Bitnami's pgpool", { chart: "postgresql-ha", repository: "oci://registry-1.docker.io/bitnamicharts" }],
    ["pgbouncer", { chart: "pgbouncer", repository: "https://icoretech.github.io/helm" }],
    ["cloudnative-pg", { chart: "cloudnative-pg", repository: "https://cloudnative-pg.github.io/charts" }],
    [
      "an exporter of PostgreSQL",
      {
        chart: "prometheus-postgres-exporter",
        repository: "https://prometheus-community.github.io/helm-charts",
      },
    ],
    ["Grafana", { chart: "grafana", repository: "https://grafana.github.io/helm-charts" }],
    ["applications of Argo CD", { chart: "argocd-apps", repository: "https://argoproj.github.io/argo-helm" }],
    [
      "a monitor that asks PostgreSQL",
      {
        chart: "datadog",
        repository: "https://helm.datadoghq.com",
        values: ["clusterAgent:\n  confd:\n    postgres.yaml: |-\n      instances: [{host: db}]\n"],
      },
    ],
    ["a URL of PostgreSQL in its values", { ...CERT_MANAGER, values: [`url: ${CORE}`] }],
  ])("%s", (_, values, unknown = {}) => {
    expect(found(values, { unknown })).toEqual({ unknowns: UNSEEN, assumed: [] })
  })

  test.each<[string, Values, Values?]>([
    ["values", { values: [`env:\n  DATABASE_URL_CORE: "${CORE}"\n`] }],
    ["values of a list", { set_list: [{ name: "env", value: ["DATABASE_URL_CORE"] }] }],
    ["a single value", { set: [{ name: "env.database_url_core", value: CORE }] }],
    ["a secret one", { set_sensitive: [{ name: "extraEnv.DATABASE_URL_CORE", value: CORE }] }],
    [
      "one that is known only after apply",
      { set: [{ name: "env.DATABASE_URL_CORE" }] },
      { set: [{ value: true }] },
    ],
    ["base64 in its values", { values: [`data: ${btoa("x DATABASE_URL_CORE=postgresql://app@db/x")}`] }],
  ])("the variable in %s", (_, values, unknown = {}) => {
    expect(found({ ...CERT_MANAGER, ...values }, { unknown })).toEqual({
      unknowns: ["has DATABASE_URL_CORE in its values, and a plan does not show what its chart renders"],
      assumed: [],
    })
  })

  test("and a warning while it is deleted", () => {
    const gone = { address: "helm_release.api", before: { name: "api", chart: "./api" }, actions: ["delete"] }
    expect(read([gone])).toMatchObject({
      unknowns: [],
      warnings: [
        "helm_release.api: a plan does not show what its chart renders: its connections until it is deleted are not counted",
      ],
    })
  })

  test("unless it is excluded, with a reason", () => {
    const exclude = { "helm_release.main": "rendered" }
    expect(read([release({ chart: "./api" }), consumer("api")], { exclude })).toMatchObject({
      unknowns: [],
      excluded: [{ address: "helm_release.main", reason: "rendered" }],
    })
  })
})

describe("the remedy has the command that renders it:", () => {
  const remedy = (values: Values, more: Partial<PlannedResource> = {}) =>
    read([release(values, more)]).unknowns[0]?.remedy

  test.each<[string, Values, string]>([
    [
      "from a repository",
      {
        name: "shop",
        chart: "shop",
        repository: "https://charts.example.org/x",
        version: "1.4.2",
        namespace: "prod",
      },
      "helm template shop shop --repo https://charts.example.org/x --version 1.4.2 --namespace prod --values VALUES.yaml > shop.yaml",
    ],
    [
      "from a registry",
      { name: "shop", chart: "shop", repository: "oci://ghcr.io/example/charts/", version: "1.4.2" },
      "helm template shop oci://ghcr.io/example/charts/shop --version 1.4.2 --values VALUES.yaml > shop.yaml",
    ],
    [
      "from a folder",
      { name: "shop", chart: "./charts/shop", namespace: "prod" },
      "helm template shop ./charts/shop --namespace prod --values VALUES.yaml > shop.yaml",
    ],
    [
      "without what is no word for a shell, or may be a password",
      {
        name: "a; rm -rf ~",
        chart: "$(id)",
        repository: "https://user:pw@charts.example.org",
        version: "> 1",
      },
      "helm template RELEASE CHART --repo REPO --version VERSION --values VALUES.yaml > RELEASE.yaml",
    ],
  ])("%s", (_, values, command) => {
    expect(remedy(values)).toContain(`(${command})`)
  })

  test("and what to add to the check", () => {
    expect(remedy({ name: "shop", chart: "shop" }, { address: `helm_release.shop["it's"]` })).toMatch(
      /check it beside the plan with --kubernetes shop\.yaml, and add --exclude 'helm_release\.shop\["it'\\''s"\]=rendered'$/,
    )
  })
})

test("no name of an object is a chart", () => {
  for (const name of ["constructor", "__proto__", "toString", ""]) {
    expect(isInfrastructure(name, undefined)).toBe(false)
    expect(isInfrastructure(name, "https://charts.jetstack.io")).toBe(false)
    expect(isInfrastructure("cert-manager", name)).toBe(false)
  }
})

describe("a product on a cluster of its own: Helm installs it, with a password in a Secret of the plan", () => {
  const namespace = created(
    "kubernetes_namespace.app",
    { metadata: [{ name: "app" }] },
    { metadata: [{ uid: true }] },
  )
  const secret = created(
    "kubernetes_secret.app",
    { metadata: [{ name: "app", namespace: "app" }], data: {}, type: "Opaque" },
    { data: { "postgres-password": true, salt: true } },
    { data: refersTo("random_password.postgres.result") },
  )
  const product = created(
    "helm_release.app",
    {
      name: "app",
      chart: "app",
      repository: "https://charts.example.org/app-k8s",
      version: "1.5.2",
      namespace: "app",
    },
    { values: true, metadata: true },
    { chart: constant("app"), values: refersTo("aws_rds_cluster.postgres.endpoint") },
  )
  const balancers = created(
    "helm_release.load_balancers",
    {
      name: "aws-load-balancer-controller",
      chart: "aws-load-balancer-controller",
      repository: "https://aws.github.io/eks-charts",
      set: [{ name: "clusterName", value: "app" }, { name: "vpcId" }],
    },
    { set: [{}, { value: true }], metadata: true },
    { set: refersTo("module.vpc.vpc_id") },
  )
  const resources = [namespace, secret, product, balancers]
  const options = { keys: ["DATABASE_URL"], maxConnections: 100 }

  test("is unknown, until it is rendered", () => {
    const { unknowns, assumptions } = fleetFromTerraform(firstPlan(resources), options)
    expect(unknowns.map(({ name, cause }) => [name, cause])).toEqual([["helm_release.app", "type"]])
    expect(unknowns[0]?.remedy).toContain(
      "(helm template app app --repo https://charts.example.org/app-k8s --version 1.5.2 --namespace app --values VALUES.yaml > app.yaml)",
    )
    expect(assumptions.map(({ name }) => name)).toEqual(["helm_release"])
  })
})
