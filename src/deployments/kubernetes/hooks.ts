import type { Attributes } from "../attributes.ts"
import { blockOf } from "./cluster.ts"

/** The annotations by which Helm and Argo CD run an object as a part of a deploy, with their values. */
export const HOOKS: ReadonlyMap<string, RegExp> = new Map([
  ["helm.sh/hook", /^(pre-|post-)(install|upgrade|delete|rollback)$|^test(-success|-failure)?$/],
  ["argocd.argoproj.io/hook", /^(PreSync|Sync|PostSync|SyncFail|PreDelete|PostDelete)$/],
])

/** True if an object runs only during a deploy, or a test of it. */
export const isHook = (attributes: Attributes): boolean =>
  (blockOf(attributes, "metadata")?.map("annotations").known ?? []).some(([name, value]) =>
    String(value)
      .split(",")
      .some((each) => HOOKS.get(name)?.test(each.trim())),
  )
