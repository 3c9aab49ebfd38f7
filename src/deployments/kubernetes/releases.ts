import type { Problem } from "../../validation/problem.ts"
import type { Manifest } from "./manifest.ts"

/** Kinds whose controllers render other manifests, by the API group. */
const RENDERERS: Readonly<Record<string, string>> = {
  Application: "argoproj.io/",
  ApplicationSet: "argoproj.io/",
  HelmChart: "helm.cattle.io/",
  HelmRelease: "helm.toolkit.fluxcd.io/",
  Kustomization: "kustomize.toolkit.fluxcd.io/",
}

/** Says that an object stands for others that are not in the manifests; undefined if it does not. */
export function rendersOthers({ kind, apiVersion }: Manifest): Problem | undefined {
  const group = Object.hasOwn(RENDERERS, kind) ? RENDERERS[kind] : undefined
  if (group === undefined || !apiVersion.startsWith(group)) return undefined
  return {
    problem: `stands for other manifests, which the controller of ${kind} objects renders in the cluster`,
    remedy:
      "Render them (helm template, kubectl kustomize), give them with --kubernetes too, and exclude it with a reason",
  }
}
