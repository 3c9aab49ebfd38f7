import { printable } from "../error.ts"

/** The key of the warnings already shown: each appears once per process, with any number of clients and copies of the module. */
const SEEN = Symbol.for("prisma-pool-config.warnings.v1")

/** Emits a warning once, as a Node.js process warning on one line; `--no-warnings` and `process.on("warning")` apply. */
export function warn(message: string): void {
  const realm = globalThis as { [SEEN]?: Set<string> }
  realm[SEEN] ??= new Set()
  const seen = realm[SEEN]
  if (seen.has(message)) return
  seen.add(message)
  warnEachTime(message)
}

/** Emits a warning, no matter how often the same was emitted before. */
export function warnEachTime(message: string): void {
  process.emitWarning(printable(message), { type: "PoolConfigWarning", code: "POOL_CONFIG" })
}
