import type { PoolConfigIssue } from "../../src/error.ts"
import type { ConsumerDraft, Draft, JobDraft, PoolerDraft } from "./draft.ts"

/** What the form says, before anybody has read it: fields may be wrong. */
export interface Drafted {
  readonly declaration: Readonly<Record<string, unknown>>
  /** What a declaration cannot say: two of one name. */
  readonly issues: readonly PoolConfigIssue[]
}

/** Makes of the form what `pool.config.json` has. What is wrong goes into it as it was typed, so that its reader says so. */
export function declarationOf(draft: Draft): Drafted {
  const { reserved, consumers, jobs, poolers } = draft
  return {
    declaration: present({
      maxConnections: number(draft.maxConnections),
      superuserReserved: number(draft.superuserReserved),
      reservedConnections: number(draft.reservedConnections),
      providerReserved: number(draft.providerReserved),
      reserved: byName(reserved, ({ slots }) => number(slots) ?? ""),
      ...draft.others,
      consumers: byName(consumers, consumerOf),
      jobs: jobs.length === 0 ? undefined : jobs.map(jobOf),
      poolers: byName(poolers, poolerOf),
    }),
    issues: [
      ...namedTwice("reserved", reserved),
      ...namedTwice("consumers", consumers),
      ...namedTwice("poolers", poolers),
    ],
  }
}

function consumerOf(draft: ConsumerDraft) {
  const size = {
    fixed: { poolSize: number(draft.poolSize) ?? "" },
    open: { weight: number(draft.weight) },
    auto: { poolSize: "auto", budget: number(draft.budget), weight: number(draft.weight) },
  }[draft.size]
  return present({
    instances: number(draft.instances),
    surge: surgeOf(draft),
    ...size,
    poolsPerInstance: number(draft.poolsPerInstance),
    pooler: given(draft.pooler),
    ...draft.others,
  })
}

function jobOf(draft: JobDraft) {
  const isScheduled = draft.schedule.trim() !== ""
  return present({
    name: draft.name,
    schedule: given(draft.schedule),
    timezone: isScheduled ? given(draft.timezone) : undefined,
    timeout: given(draft.timeout),
    concurrent: isScheduled ? undefined : number(draft.concurrent),
    ...sizeOf(draft),
    pooler: given(draft.pooler),
    ...draft.others,
  })
}

const poolerOf = (draft: PoolerDraft) =>
  present({
    instances: number(draft.instances),
    surge: surgeOf(draft),
    pools: number(draft.pools),
    ...sizeOf(draft),
    reservePoolSize: number(draft.reservePoolSize),
    maxClientConnections: number(draft.maxClientConnections),
    poolMode: given(draft.poolMode),
    ...draft.others,
  })

const sizeOf = ({ size, poolSize, weight }: Pick<JobDraft, "size" | "poolSize" | "weight">) =>
  size === "fixed" ? { poolSize: number(poolSize) ?? "" } : { weight: number(weight) }

const surgeOf = ({ deploy, surge }: Pick<ConsumerDraft, "deploy" | "surge">) =>
  ({ "starts first": undefined, "stops first": 0, number: number(surge) ?? "" })[deploy]

/** A number, or the text itself where it is none; undefined for a field that is left empty. */
function number(field: string): number | string | undefined {
  const text = field.trim()
  if (text === "") return undefined
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : field
}

const given = (field: string): string | undefined => (field.trim() === "" ? undefined : field.trim())

const byName = <Row extends { readonly name: string }>(
  rows: readonly Row[],
  read: (row: Row) => unknown,
): Readonly<Record<string, unknown>> | undefined =>
  rows.length === 0 ? undefined : Object.fromEntries(rows.map((row) => [row.name, read(row)]))

const present = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

function namedTwice(part: string, rows: readonly { readonly name: string }[]): PoolConfigIssue[] {
  const names = rows.map(({ name }) => name)
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index))
  return [...twice].map((name) => ({
    name: `${part}.${name}`,
    problem: "is there twice",
    remedy: "Give each a name of its own",
  }))
}
