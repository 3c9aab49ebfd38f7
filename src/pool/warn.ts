/** Warnings that this process has seen: one of each is enough, however many clients and copies of the module. */
const SEEN = Symbol.for("prisma-pool-config.warnings.v1")

/** Says it once on stderr, as Node's own warnings are; `--no-warnings` and `process.on("warning")` apply. */
export function warn(message: string): void {
  const realm = globalThis as { [SEEN]?: Set<string> }
  realm[SEEN] ??= new Set()
  const seen = realm[SEEN]
  if (seen.has(message)) return
  seen.add(message)
  process.emitWarning(message, { type: "PoolConfigWarning", code: "POOL_CONFIG" })
}
