import { ANY_NUMBER, COUNT_BY_HAND, type Findings } from "../findings.ts"
import { mentionIn } from "../mentions.ts"
import type { PoolQuery } from "../resource-pool.ts"
import type { ComposeDocument } from "./compose-document.ts"
import type { ComposeService } from "./compose-service.ts"
import { PRINT } from "./fields.ts"

/** Records a connection pooler: what it opens on the server is not in the document. */
export function notePooler({ address, replicas }: ComposeService, { unknowns }: Findings): void {
  if (replicas.count === 0) return
  unknowns.push({
    cause: "type",
    address,
    name: address,
    problem: "is a connection pooler, and the document does not show how many connections it opens",
    between: ANY_NUMBER,
    isUnbounded: true,
    remedy: COUNT_BY_HAND,
  })
}

/** Records a job that a scheduler starts, if it has the variable. */
export function noteJob(
  { address, job }: { readonly address: string; readonly job: unknown },
  { leading }: PoolQuery,
  { unknowns }: Findings,
): void {
  const key = leading.find((name) => mentionIn(job, name))
  if (key === undefined) return
  unknowns.push({
    cause: "type",
    address,
    name: address,
    problem: `has ${key}, and jobs of a compose file are not read`,
    between: ANY_NUMBER,
    isUnbounded: true,
    remedy: COUNT_BY_HAND,
  })
}

/** Records that services may be missing: those of a profile that was not enabled leave no trace. */
export function noteProfiles({ hasProfiles, prefix }: ComposeDocument, { assumptions }: Findings): void {
  if (hasProfiles) return
  assumptions.push({
    name: `${prefix}profiles`,
    assumed: "no service has one; services of profiles that were not enabled are not in the document",
    remedy: `Print it with \`${PRINT}\``,
  })
}

/** Records a counted variable that a service passes on and that had no value: it may have one elsewhere. */
export function noteValueless(
  { address, environment }: ComposeService,
  keys: readonly string[],
  { assumptions }: Findings,
): void {
  for (const [name, value] of environment) {
    if (value !== undefined || !keys.includes(name)) continue
    assumptions.push({
      name: `${address}.${name}`,
      assumed: "had no value where the document was printed, so it counts as not set",
      remedy: "If it has one where the service starts, print the document there",
    })
  }
}
