import { constant, created, refersTo, type StackResource } from "../../support/stack.ts"

const NAMESPACE = refersTo("kubernetes_namespace_v1.shop.metadata")

/** What the provider computes of every object. */
const METADATA = { generation: true, resource_version: true, uid: true }

const metadata = (name: string) => ({
  values: [{ name, namespace: "shop", annotations: null, generate_name: null, labels: null }],
  unknown: [METADATA],
  expression: [{ name: constant(name), namespace: NAMESPACE }],
})

/** A container as the provider plans it, with what it computes. */
const container = (name: string, env: readonly object[]) => ({
  values: {
    name,
    args: null,
    command: null,
    env,
    env_from: [{ config_map_ref: [], prefix: null, secret_ref: [{ name: "shop", optional: null }] }],
    port: [{ container_port: 3000, host_ip: null, host_port: null, name: null, protocol: "TCP" }],
    volume_mount: [],
  },
  unknown: {
    env: env.map(() => ({ value_from: [] })),
    env_from: [{ config_map_ref: [], secret_ref: [{}] }],
    // The registry is new as well.
    image: true,
    image_pull_policy: true,
    port: [{}],
    resources: true,
    termination_message_policy: true,
    volume_mount: [],
  },
  expression: {
    name: constant(name),
    image: refersTo("aws_ecr_repository.shop.repository_url"),
    env: env.map(() => ({ name: {}, value: {} })),
    env_from: [{ secret_ref: [{ name: refersTo("kubernetes_secret_v1.shop.metadata") }] }],
    port: [{ container_port: constant(3000) }],
  },
})

const SIZE = { name: "PRISMA_POOL_SIZE_CORE", value: "10", value_from: [] }

type Part = ReturnType<typeof container>

const pod = ({ values, unknown, expression }: Part) => ({
  values: [
    { metadata: [{ labels: { app: "shop" } }], spec: [{ container: [values], restart_policy: "Always" }] },
  ],
  unknown: [
    {
      metadata: [{ ...METADATA, labels: {}, name: true }],
      spec: [
        {
          container: [unknown],
          hostname: true,
          image_pull_secrets: true,
          node_name: true,
          service_account_name: true,
        },
      ],
    },
  ],
  expression: [{ metadata: [{ labels: constant({ app: "shop" }) }], spec: [{ container: [expression] }] }],
})

/** The database's variable in a Secret: its name is known, and its value is not. */
const secret = created(
  "kubernetes_secret_v1.shop",
  { metadata: metadata("shop").values, data: {}, type: "Opaque" },
  { metadata: metadata("shop").unknown, data: { DATABASE_URL_CORE: true } },
  { metadata: metadata("shop").expression, data: refersTo("aws_db_instance.shop.endpoint") },
)

const set = (part: Part) => {
  const { values, unknown, expression } = pod(part)
  return created(
    "kubernetes_stateful_set_v1.api",
    {
      metadata: metadata("api").values,
      spec: [
        {
          replicas: "3",
          service_name: "api",
          selector: [{ match_labels: { app: "shop" } }],
          template: values,
        },
      ],
    },
    {
      metadata: metadata("api").unknown,
      spec: [
        {
          pod_management_policy: true,
          revision_history_limit: true,
          template: unknown,
          update_strategy: true,
        },
      ],
    },
    {
      metadata: metadata("api").expression,
      spec: [{ replicas: constant("3"), service_name: constant("api"), template: expression }],
    },
  )
}

const cronJob = () => {
  const { values, unknown, expression } = pod(container("report", [SIZE]))
  const job = (template: unknown) => [{ metadata: [{}], spec: [{ template }] }]
  return created(
    "kubernetes_cron_job_v1.report",
    {
      metadata: metadata("report").values,
      spec: [
        {
          concurrency_policy: "Forbid",
          schedule: "0 3 * * *",
          timezone: "Etc/UTC",
          job_template: job(values),
        },
      ],
    },
    { metadata: metadata("report").unknown, spec: [{ job_template: job(unknown) }] },
    {
      metadata: metadata("report").expression,
      spec: [
        {
          concurrency_policy: constant("Forbid"),
          schedule: constant("0 3 * * *"),
          timezone: constant("Etc/UTC"),
          job_template: job(expression),
        },
      ],
    },
  )
}

/** The API with variables whose names are not known yet. */
export const hiddenApi = (): StackResource => {
  const { values, unknown, expression } = container("api", [])
  const { env: _, ...known } = expression
  return set({ values, unknown: { ...unknown, env: true as never }, expression: known as never })
}

/** A page that calls the API, and has no variable of the database. */
const web = () => {
  const part = container("web", [{ name: "API_URL", value: "http://api:3000", value_from: [] }])
  const without = <Value extends { env_from: unknown }>({ env_from: _, ...rest }: Value) => rest
  const { values, unknown, expression } = pod({
    values: { ...part.values, env_from: [] },
    unknown: { ...part.unknown, env_from: [] },
    expression: without(part.expression) as never,
  })
  return created(
    "kubernetes_deployment_v1.web",
    { metadata: metadata("web").values, spec: [{ template: values }] },
    {
      metadata: metadata("web").unknown,
      spec: [{ replicas: true, revision_history_limit: true, strategy: true, template: unknown }],
    },
    { metadata: metadata("web").expression, spec: [{ template: expression }] },
  )
}

const release = (name: string, repository: string) =>
  created(
    `helm_release.${name.replaceAll("-", "_")}`,
    { name, chart: name, repository, namespace: "kube-system", set: [{ name: "clusterName" }] },
    { manifest: true, metadata: true, set: [{ value: true }], status: true, values: true },
    { name: constant(name), chart: constant(name), set: refersTo("aws_eks_cluster.shop.name"), values: {} },
  )

/** What stands beside the workloads of a cluster and runs none of the user's code. */
const beside = (): readonly StackResource[] => [
  created(
    "kubernetes_namespace_v1.shop",
    { metadata: [{ name: "shop" }] },
    { metadata: [METADATA], wait_for_default_service_account: true },
    { metadata: [{ name: constant("shop") }] },
  ),
  created(
    "kubernetes_service_v1.api",
    { metadata: metadata("api").values, spec: [{ selector: { app: "shop" }, port: [{ port: 80 }] }] },
    {
      metadata: metadata("api").unknown,
      spec: [{ cluster_ip: true, port: [{ node_port: true }] }],
      status: true,
    },
    { metadata: metadata("api").expression, spec: [{ selector: constant({ app: "shop" }) }] },
  ),
  created(
    "kubernetes_ingress_v1.web",
    { metadata: metadata("web").values, spec: [{ rule: [{ host: "shop.example.org" }] }] },
    { metadata: [{ ...METADATA, annotations: true }], status: true },
    { metadata: [{ annotations: refersTo("aws_acm_certificate.shop.arn") }], spec: [{}] },
  ),
  created(
    "kubernetes_service_account_v1.shop",
    { metadata: metadata("shop").values },
    {
      metadata: [{ ...METADATA, annotations: { "eks.amazonaws.com/role-arn": true } }],
      default_secret_name: true,
    },
    { metadata: [{ annotations: refersTo("aws_iam_role.shop.arn") }] },
  ),
  created(
    "kubernetes_manifest.issuer",
    {
      manifest: {
        apiVersion: "cert-manager.io/v1",
        kind: "ClusterIssuer",
        metadata: { name: "letsencrypt" },
        spec: { acme: { email: "ops@example.org" } },
      },
    },
    { object: true },
    { manifest: constant({ kind: "ClusterIssuer" }) },
  ),
  created(
    "kubectl_manifest.nodes",
    {
      yaml_body:
        "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: { name: default }\nspec: { limits: { cpu: 100 } }\n",
    },
    { live_manifest_incluster: true, uid: true, yaml_incluster: true, yaml_body_parsed: true },
    { yaml_body: constant("apiVersion: karpenter.sh/v1") },
  ),
  release("cert-manager", "https://charts.jetstack.io"),
  release("metrics-server", "https://kubernetes-sigs.github.io/metrics-server/"),
  release("aws-load-balancer-controller", "https://aws.github.io/eks-charts"),
]

/** An API, a job with a schedule and a page, on a cluster. */
export const kubernetes = (): readonly StackResource[] => [
  secret,
  set(container("api", [SIZE])),
  cronJob(),
  web(),
  ...beside(),
]
