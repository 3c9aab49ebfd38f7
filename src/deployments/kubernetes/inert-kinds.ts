import { groupOf } from "./api-groups.ts"
import type { Manifest } from "./manifest.ts"

/**
 * Kinds that run nothing, although they may name a variable or hold a URL, by their API group. `*` is all kinds of a
 * group. A kind of the same name in another group is another kind.
 */
const INERT: Readonly<Record<string, string>> = {
  "": "ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolume PersistentVolumeClaim PodTemplate ResourceQuota Secret Service ServiceAccount",
  "acme.cert-manager.io": "*",
  "admissionregistration.k8s.io":
    "MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration",
  "apiextensions.k8s.io": "*",
  "apiregistration.k8s.io": "*",
  apps: "ControllerRevision",
  autoscaling: "*",
  "autoscaling.k8s.io": "*",
  "bitnami.com": "SealedSecret",
  "cert-manager.io": "*",
  "coordination.k8s.io": "*",
  "discovery.k8s.io": "*",
  "events.k8s.io": "*",
  extensions: "Ingress NetworkPolicy PodSecurityPolicy",
  "external-secrets.io": "*",
  "gateway.networking.k8s.io": "*",
  "generators.external-secrets.io": "*",
  "grafana.integreatly.org": "GrafanaDashboard GrafanaDatasource GrafanaFolder",
  "integreatly.org": "GrafanaDashboard GrafanaDataSource",
  "isindir.github.com": "SopsSecret",
  "keda.sh": "ClusterTriggerAuthentication ScaledObject TriggerAuthentication",
  "monitoring.coreos.com": "AlertmanagerConfig PodMonitor Probe PrometheusRule ScrapeConfig ServiceMonitor",
  "networking.istio.io": "*",
  "networking.k8s.io": "*",
  "node.k8s.io": "*",
  "onepassword.com": "OnePasswordItem",
  policy: "*",
  "rbac.authorization.k8s.io": "*",
  "scheduling.k8s.io": "*",
  "secrets-store.csi.x-k8s.io": "*",
  "secrets.doppler.com": "*",
  "secrets.hashicorp.com": "*",
  "secrets.infisical.com": "*",
  "security.istio.io": "*",
  "snapshot.storage.k8s.io": "*",
  "storage.k8s.io": "*",
  "traefik.containo.us": "*",
  "traefik.io": "*",
}

export function runsNothing({ kind, apiVersion }: Manifest): boolean {
  const group = groupOf(apiVersion)
  const kinds = Object.hasOwn(INERT, group) ? (INERT[group] ?? "") : ""
  return kinds === "*" || kinds.split(" ").includes(kind)
}
