import { describeValue } from "../error.ts"
import { type Conflict, isRead, rule } from "../validation/schema.ts"

interface Linked {
  readonly pooler?: string | undefined
}

/** The fields of a fleet that name poolers. */
interface LinkedFleet {
  readonly consumers?: readonly (readonly [name: string, consumer: Linked])[] | undefined
  readonly jobs?: readonly Linked[] | undefined
  readonly poolers?: readonly (readonly [name: string, pooler: unknown])[] | undefined
}

/** Refuses a pooler that is not there, and one that nothing connects through: either is a misspelt name. */
export const poolerLinks = rule<LinkedFleet>((fleet) => [...unknownPoolers(fleet), ...idlePoolers(fleet)])

/** Refuses a pooler that is not there. What connects through one that is may be known at the highest alone. */
export const poolerNames = rule<LinkedFleet>((fleet) => unknownPoolers(fleet))

/** Finds the consumers and jobs that name a pooler which is not there. */
export function unknownPoolers(fleet: LinkedFleet): Conflict[] {
  const names = listOf(fleet.poolers).map(([name]) => name)
  const known = new Set(names)
  return linksOf(fleet)
    .filter(({ pooler = "" }) => !known.has(pooler))
    .map((link) => unknownPooler(link, names))
}

/** Finds the poolers that nothing connects through. */
export function idlePoolers(fleet: LinkedFleet): Conflict[] {
  const { consumers, jobs, poolers } = fleet
  const used = new Set(linksOf(fleet).map(({ pooler }) => pooler))
  const areRead = [...listOf(consumers).map(([, consumer]) => consumer), ...listOf(jobs)].every(isRead)
  return listOf(poolers)
    .filter(([name]) => areRead && !used.has(name))
    .map(([name]) => ({
      path: ["poolers", name],
      problem: "has no consumer or job behind it",
      remedy: `Give pooler ${describeValue(name)} to each that connects through it, or leave it out`,
    }))
}

const linksOf = ({ consumers, jobs }: LinkedFleet) =>
  [
    ...listOf(consumers).map(([name, { pooler }]) => ({ path: ["consumers", name, "pooler"], pooler })),
    ...listOf(jobs).map(({ pooler }, place) => ({ path: ["jobs", place, "pooler"], pooler })),
  ].filter(({ pooler }) => typeof pooler === "string")

/** A field that could not be read is none of these. */
const listOf = <Each>(values: readonly Each[] | undefined): readonly Each[] =>
  Array.isArray(values) ? values : []

const unknownPooler = (
  { path, pooler }: { readonly path: readonly PropertyKey[]; readonly pooler?: string | undefined },
  names: readonly string[],
): Conflict => ({
  path,
  problem: `received ${describeValue(pooler)}, which is not under poolers`,
  remedy:
    names.length === 0
      ? "Declare it under poolers, or leave it out for a connection straight to the server"
      : `Give one of ${names.map(describeValue).join(", ")}, or leave it out for a connection straight to the server`,
})
