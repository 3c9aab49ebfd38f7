import type { ConnectionHolder } from "../inspect/database-report.ts"
import { withoutVersion } from "../inspect/deploys.ts"
import { HIDDEN } from "./metric-table.ts"

/** The most values of one attribute: a series stays for as long as the process does, here and where it is stored. */
const MOST = 100

/** What applications are called among the values of an attribute, of which there are only so many. */
export class ApplicationLabels {
  readonly #taken = new Set<string>()

  /**
   * Whose the connections are: without the version, so that each deploy is not one more, and `(others)` for those that
   * come when there are 100 already. The largest should come first.
   */
  group(holders: readonly ConnectionHolder[]): Map<string, ConnectionHolder[]> {
    const groups = new Map<string, ConnectionHolder[]>()
    for (const holder of holders) {
      const label = this.#labelOf(holder.name)
      groups.set(label, [...(groups.get(label) ?? []), holder])
    }
    return groups
  }

  #labelOf(name: string | null): string {
    if (name === null) return HIDDEN
    if (name === "") return "(no name)"
    const label = withoutVersion(name)
    if (!this.#taken.has(label) && this.#taken.size >= MOST) return "(others)"
    this.#taken.add(label)
    return label
  }
}
