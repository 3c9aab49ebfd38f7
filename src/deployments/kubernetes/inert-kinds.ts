import type { Manifest } from "./manifest.ts"

/** Kinds that run nothing, although they may name a variable or hold a URL. */
const INERT: ReadonlySet<string> = new Set(
  `APIService CSIDriver Certificate ClusterIssuer ClusterRole ClusterRoleBinding ClusterSecretStore ConfigMap
  ControllerRevision CustomResourceDefinition Endpoints EndpointSlice Event ExternalSecret Gateway GrafanaDashboard
  HTTPRoute HorizontalPodAutoscaler Ingress IngressClass IngressRoute Issuer Lease LimitRange Middleware
  MutatingWebhookConfiguration Namespace NetworkPolicy Node PersistentVolume PersistentVolumeClaim
  PodDisruptionBudget PodMonitor PriorityClass Probe PrometheusRule ReferenceGrant ResourceQuota Role RoleBinding
  RuntimeClass ScaledObject SealedSecret Secret SecretProviderClass SecretStore Service ServiceAccount ServiceMonitor
  StorageClass TriggerAuthentication ValidatingAdmissionPolicy ValidatingWebhookConfiguration VerticalPodAutoscaler
  VirtualService VolumeSnapshot`.split(/\s+/),
)

export const runsNothing = ({ kind }: Manifest): boolean => INERT.has(kind)
