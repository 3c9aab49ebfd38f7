// Charts of infrastructure that open no connection to a database of the application. A chart is known by its name and
// its repository: anybody may call a chart `metrics-server`. Databases, poolers, exporters of PostgreSQL, and what keeps
// its own data in PostgreSQL or reads it (Grafana, Vault, Keycloak, Airflow) are not among them, and neither is what
// deploys other applications (argocd-apps).

/** The charts of each repository. */
const CHARTS: Readonly<Record<string, string>> = {
  "https://charts.jetstack.io":
    "cert-manager cert-manager-csi-driver cert-manager-istio-csr cert-manager-approver-policy trust-manager",
  "oci://quay.io/jetstack/charts":
    "cert-manager cert-manager-csi-driver cert-manager-istio-csr cert-manager-approver-policy trust-manager",
  "https://kubernetes.github.io/ingress-nginx": "ingress-nginx",
  "https://helm.nginx.com/stable": "nginx-ingress",
  "oci://ghcr.io/nginx/charts": "nginx-ingress nginx-gateway-fabric",
  "https://traefik.github.io/charts": "traefik traefik-crds",
  "https://helm.traefik.io/traefik": "traefik",
  "oci://ghcr.io/traefik/helm": "traefik traefik-crds",
  "https://haproxytech.github.io/helm-charts": "kubernetes-ingress",
  "https://istio-release.storage.googleapis.com/charts": "base istiod cni ztunnel gateway",
  "https://helm.linkerd.io/stable": "linkerd-crds linkerd-control-plane linkerd-viz linkerd2-cni",
  "https://helm.linkerd.io/edge": "linkerd-crds linkerd-control-plane linkerd-viz linkerd2-cni",
  "https://helm.cilium.io": "cilium tetragon",
  "https://docs.tigera.io/calico/charts": "tigera-operator",
  "https://docs.projectcalico.org/charts": "tigera-operator",
  "https://metallb.github.io/metallb": "metallb",
  "https://kubernetes-sigs.github.io/external-dns": "external-dns",
  "https://kubernetes-sigs.github.io/metrics-server": "metrics-server",
  "https://kubernetes-sigs.github.io/descheduler": "descheduler",
  "https://kubernetes-sigs.github.io/aws-ebs-csi-driver": "aws-ebs-csi-driver",
  "https://kubernetes-sigs.github.io/aws-efs-csi-driver": "aws-efs-csi-driver",
  "https://kubernetes-sigs.github.io/secrets-store-csi-driver/charts": "secrets-store-csi-driver",
  "https://kubernetes-sigs.github.io/nfs-subdir-external-provisioner": "nfs-subdir-external-provisioner",
  "https://kubernetes.github.io/autoscaler": "cluster-autoscaler vertical-pod-autoscaler",
  "https://kubernetes.github.io/dashboard": "kubernetes-dashboard",
  "https://aws.github.io/eks-charts":
    "aws-load-balancer-controller aws-for-fluent-bit aws-node-termination-handler aws-vpc-cni aws-cloudwatch-metrics appmesh-controller",
  "https://aws.github.io/secrets-store-csi-driver-provider-aws": "secrets-store-csi-driver-provider-aws",
  "oci://public.ecr.aws/karpenter": "karpenter karpenter-crd",
  "https://charts.karpenter.sh": "karpenter",
  "https://azure.github.io/azure-workload-identity/charts": "workload-identity-webhook",
  "https://charts.external-secrets.io": "external-secrets",
  "oci://ghcr.io/external-secrets/charts": "external-secrets",
  "https://bitnami-labs.github.io/sealed-secrets": "sealed-secrets",
  "https://stakater.github.io/stakater-charts": "reloader",
  "https://argoproj.github.io/argo-helm": "argo-cd argo-rollouts argo-events argocd-image-updater",
  "oci://ghcr.io/argoproj/argo-helm": "argo-cd argo-rollouts argo-events argocd-image-updater",
  "https://fluxcd-community.github.io/helm-charts": "flux2",
  "oci://ghcr.io/fluxcd-community/charts": "flux2",
  "https://kedacore.github.io/charts": "keda keda-add-ons-http",
  "https://kyverno.github.io/kyverno": "kyverno kyverno-policies",
  "https://open-policy-agent.github.io/gatekeeper/charts": "gatekeeper",
  "https://aquasecurity.github.io/helm-charts": "trivy-operator",
  "https://falcosecurity.github.io/charts": "falco falcosidekick",
  "https://vmware-tanzu.github.io/helm-charts": "velero",
  "https://charts.longhorn.io": "longhorn",
  "https://charts.rook.io/release": "rook-ceph rook-ceph-cluster",
  "https://prometheus-community.github.io/helm-charts":
    "prometheus kube-prometheus-stack kube-state-metrics alertmanager prometheus-node-exporter prometheus-adapter prometheus-blackbox-exporter prometheus-pushgateway prometheus-operator-crds prometheus-redis-exporter",
  "oci://ghcr.io/prometheus-community/charts":
    "prometheus kube-prometheus-stack kube-state-metrics alertmanager prometheus-node-exporter prometheus-adapter prometheus-blackbox-exporter prometheus-pushgateway prometheus-operator-crds prometheus-redis-exporter",
  "https://grafana.github.io/helm-charts":
    "loki loki-stack loki-distributed promtail tempo tempo-distributed mimir-distributed alloy grafana-agent",
  "https://victoriametrics.github.io/helm-charts":
    "victoria-metrics-single victoria-metrics-cluster victoria-metrics-agent victoria-metrics-operator",
  "https://open-telemetry.github.io/opentelemetry-helm-charts":
    "opentelemetry-operator opentelemetry-collector",
  "https://fluent.github.io/helm-charts": "fluent-bit fluentd",
  "https://helm.vector.dev": "vector",
  "https://helm.datadoghq.com": "datadog datadog-operator datadog-crds",
  "https://helm-charts.newrelic.com": "nri-bundle newrelic-infrastructure newrelic-logging",
  "https://helm.ngc.nvidia.com/nvidia": "gpu-operator",
  "https://nvidia.github.io/k8s-device-plugin": "nvidia-device-plugin",
  "https://charts.fairwinds.com/stable": "vpa goldilocks",
  "https://opensource.zalando.com/kube-downscaler": "kube-downscaler",
  "https://charts.bitnami.com/bitnami": "BITNAMI",
  "https://raw.githubusercontent.com/bitnami/charts/archive-full-index/bitnami": "BITNAMI",
  "oci://registry-1.docker.io/bitnamicharts": "BITNAMI",
}

/** Bitnami's, and servers that are none of PostgreSQL's and no client of it. */
const BITNAMI =
  "cert-manager contour etcd external-dns fluentd kafka memcached metallb metrics-server minio mongodb nats nginx-ingress-controller rabbitmq redis redis-cluster sealed-secrets valkey valkey-cluster zookeeper"

const KNOWN: ReadonlySet<string> = new Set(
  Object.entries(CHARTS).flatMap(([repository, charts]) =>
    (charts === "BITNAMI" ? BITNAMI : charts).split(" ").map((chart) => `${repository}/${chart}`),
  ),
)

/**
 * True for a chart of infrastructure.
 *
 * @param chart its name, or a reference with its repository: `oci://public.ecr.aws/karpenter/karpenter`
 */
export function isInfrastructure(chart: string, repository: string | undefined): boolean {
  if (repository === undefined) return KNOWN.has(chart)
  return /^[\w-]+$/.test(chart) && KNOWN.has(`${repository.replace(/\/+$/, "")}/${chart}`)
}
