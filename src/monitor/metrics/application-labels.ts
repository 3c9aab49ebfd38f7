import { splitName, withoutVersion } from "../inspect/application-name.ts"
import type { ConnectionHolder } from "../inspect/database-report.ts"
import { HIDDEN } from "./metric-table.ts"

/** The most values of one attribute: a series stays for the life of the process, here and where it is stored. */
const MOST = 100

/** Application names as attribute values, limited in number. */
export class ApplicationLabels {
  readonly #taken = new Set<string>()

  /**
   * Groups connections by label: the name without its version and the id of a pool, so that neither a deploy nor a new
   * instance adds a value. New names after the first 100 become `(others)`, so the largest should come first.
   */
  group<Holder extends Pick<ConnectionHolder, "name">>(holders: readonly Holder[]): Map<string, Holder[]> {
    const groups = new Map<string, Holder[]>()
    for (const holder of holders) {
      const label = this.#labelOf(holder.name)
      groups.set(label, [...(groups.get(label) ?? []), holder])
    }
    return groups
  }

  #labelOf(name: string | null): string {
    if (name === null) return HIDDEN
    if (name === "") return "(no name)"
    const label = withoutVersion(splitName(name).application)
    if (!this.#taken.has(label) && this.#taken.size >= MOST) return "(others)"
    this.#taken.add(label)
    return label
  }
}
