import type { Attributes } from "../attributes.ts"
import { blockOf } from "./cluster.ts"

/** The annotations by which Helm and Argo CD run an object as a part of a deploy. */
const HOOKS: ReadonlySet<string> = new Set(["helm.sh/hook", "argocd.argoproj.io/hook"])

/** True if an object runs only during a deploy, or a test of it. */
export const isHook = (attributes: Attributes): boolean =>
  (blockOf(attributes, "metadata")?.map("annotations").known ?? []).some(
    ([name, value]) => HOOKS.has(name) && value !== "crd-install" && value !== "Skip",
  )
