import type { Assumption, OpenConsumer } from "../sizing/index.ts"

type Consumers = Readonly<Record<string, OpenConsumer>>

/**
 * Consumers with what a deploy adds. Most platforms start every new instance before they stop an old one, and "the usual
 * cause" of a full server is a sum that forgot it: so where nobody says, the instances count twice.
 */
export function assumedSurge(
  consumers: Consumers,
  prefix: string,
): { readonly consumers: Consumers; readonly assumptions: readonly Assumption[] } {
  const assumptions: Assumption[] = []
  const entries = Object.entries(consumers).map(([name, consumer]) => {
    const { instances, surge } = consumer
    if (surge !== undefined || instances === 0) return [name, consumer] as const
    assumptions.push({
      name: `${prefix}consumers.${name}.surge`,
      assumed: `omitted: ${instances} more while a deploy rolls, as where new instances start before the old ones stop`,
      remedy: "State surge: 0 where the old ones stop first",
    })
    return [name, { ...consumer, surge: instances }] as const
  })
  return { consumers: Object.fromEntries(entries), assumptions }
}
