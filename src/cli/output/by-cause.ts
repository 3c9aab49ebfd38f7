import type { Unknown } from "../../deployments/index.ts"
import { label } from "../../error.ts"

/** Fields that identify an entry, and are not part of the cause. */
const OWN = ["address", "attribute", "place", "pools"] as const
const NOTHING_OWN = Object.fromEntries(["name", ...OWN].map((field) => [field, undefined]))

/** The number of names in a line. */
const SHOWN = 3

/** Groups entries with the same cause: one entry, with the first names and their number. */
export function byCause<
  Noted extends { readonly name: string } & Partial<Pick<Unknown, (typeof OWN)[number]>>,
>(noted: readonly Noted[]): readonly (Noted & { readonly names: string })[] {
  const causes = new Map<string, Noted[]>()
  for (const one of noted) {
    const key = JSON.stringify({ ...one, ...NOTHING_OWN })
    const same = causes.get(key)
    if (same) same.push(one)
    else causes.set(key, [one])
  }
  return [...causes.values()].map((same) => ({ ...(same[0] as Noted), names: namesOf(same) }))
}

function namesOf(same: readonly { readonly name: string }[]): string {
  const first = same.slice(0, SHOWN).map(({ name }) => label(name))
  return [...first, ...(same.length > SHOWN ? [`and ${same.length - SHOWN} more`] : [])].join(", ")
}
