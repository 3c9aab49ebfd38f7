import { overriddenField } from "../../deployments/apply-patterns.ts"
import type { Unknown } from "../../deployments/index.ts"

/** An address that a shell in single quotes leaves as it is, and that is short enough to be shown whole. */
const PLAIN = /^[\w ./:@*[\]"-]{1,120}$/

const VALUES: Readonly<Record<string, string>> = {
  schedule: '"0 3 * * *"',
  duration: '"1h"',
  pooler: '"pgbouncer"',
}

/** Shows how an exclusion and an override are written, for the first unknown whose remedy is one. */
export function howToState(unknowns: readonly Unknown[]): string[] {
  const addressed = unknowns.flatMap((unknown) => {
    const { address = "", remedy } = unknown
    if (!PLAIN.test(address)) return []
    return [{ address, remedy, field: overriddenField(unknown) }]
  })
  const excluded = addressed.find(({ remedy }) => /\bexclude\b/i.test(remedy))
  const overridden = addressed.find(
    ({ remedy, field }) => field !== undefined && /\boverride\b/i.test(remedy),
  )
  return [
    ...(excluded === undefined ? [] : [`To exclude: --exclude '${excluded.address}=REASON'`]),
    ...(overridden === undefined ? [] : [`To override, in pool.config.json: ${overrideOf(overridden)}`]),
  ]
}

function overrideOf({
  address,
  field = "",
}: {
  readonly address: string
  readonly field?: string | undefined
}) {
  const name = field === "timeout" ? "duration" : field
  const values = `{ "${name}": ${VALUES[name] ?? "N"}, "reason": "REASON" }`
  return `{ "deployments": { "override": { ${JSON.stringify(address)}: ${values} } } }`
}
