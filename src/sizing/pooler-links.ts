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
export const poolerLinks = rule<LinkedFleet>((fleet) => {
  const { consumers, jobs, poolers } = fleet
  const links = [
    ...listOf(consumers).map(([name, { pooler }]) => ({ path: ["consumers", name, "pooler"], pooler })),
    ...listOf(jobs).map(({ pooler }, place) => ({ path: ["jobs", place, "pooler"], pooler })),
  ].filter(({ pooler }) => typeof pooler === "string")
  const names = listOf(poolers).map(([name]) => name)
  const known = new Set(names)
  const used = new Set(links.map(({ pooler }) => pooler))
  const areRead = [...listOf(consumers).map(([, consumer]) => consumer), ...listOf(jobs)].every(isRead)
  return [
    ...links.filter(({ pooler = "" }) => !known.has(pooler)).map((link) => unknownPooler(link, names)),
    ...names
      .filter((name) => areRead && !used.has(name))
      .map((name) => ({
        path: ["poolers", name],
        problem: "has no consumer or job behind it",
        remedy: `Give pooler ${describeValue(name)} to each that connects through it, or leave it out`,
      })),
  ]
})

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
