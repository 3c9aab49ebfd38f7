import { withoutVersion } from "./application-name.ts"
import type { DeployInProgress, Generation } from "./database-report.ts"
import { groupConnections, oldestOf, sum } from "./group-connections.ts"
import type { ConnectionGroup } from "./inspection-row.ts"

/** An instance counts as new for this long. Longer deploys are recognised only by versions in the names. */
const NEW_SECONDS = 600

/**
 * Finds applications with two connected generations.
 *
 * Versions in the names prove it. Without them it is a guess: client addresses with only connections younger than ten
 * minutes, beside older ones. An instance added by scaling looks the same.
 */
export function deploysOf(groups: readonly ConnectionGroup[]): DeployInProgress[] {
  const applications = groupConnections(
    groups.filter(({ application, oldest }) => application && oldest !== null),
    ({ application }) => withoutVersion(application ?? ""),
  )
  return [...applications]
    .flatMap(([application, own]) => deployOf(application, own))
    .sort((one, other) => (one.application < other.application ? -1 : 1))
}

function deployOf(application: string, groups: readonly ConnectionGroup[]): DeployInProgress[] {
  const versions = [...groupConnections(groups, ({ application }) => application ?? "")]
  if (versions.length > 1) {
    const generations = versions.map(([name, own]) => generationOf([name], own))
    return [{ application, by: "version", generations: generations.sort(byAge) }]
  }
  const clients = [...groupConnections(groups, ({ client }) => client ?? "")]
  const isNew = ([, own]: (typeof clients)[number]) => (oldestOf(own) ?? 0) < NEW_SECONDS
  const [older, newer] = [clients.filter((client) => !isNew(client)), clients.filter(isNew)]
  if (older.length === 0 || newer.length === 0) return []
  const generations = [older, newer].map((ones) =>
    generationOf(
      ones.map(([name]) => name),
      ones.flatMap(([, own]) => own),
    ),
  )
  return [{ application, by: "client", generations }]
}

function generationOf(names: string[], groups: readonly ConnectionGroup[]): Generation {
  return {
    names: names.sort(),
    connections: sum(groups, ({ connections }) => connections),
    oldestSeconds: oldestOf(groups) ?? 0,
  }
}

const byAge = (one: Generation, other: Generation) => other.oldestSeconds - one.oldestSeconds
