import type { FleetBounds } from "../../declaration/fleet-bounds.ts"
import { label } from "../../error.ts"

/** Pool sizes as a platform's files have them. */
export interface SizeLines {
  readonly heading: string
  readonly language: "hcl" | "yaml"
  readonly lines: readonly string[]
}

type Sizes = readonly (readonly [name: string, size: number])[]

/** Writes each size in the form of the platform that its consumer was read from; of others, as Terraform has it. */
export function sizeLines({ sizeVariables, source }: FleetBounds, sizes: Sizes): readonly SizeLines[] {
  const prefixes = (source?.documents ?? []).flatMap(({ name, kind }) =>
    kind === "compose" ? [`${name === "" ? "" : `${name}: `}service/`] : [],
  )
  const services = new Map<string, Map<string, number>>()
  const others: [name: string, variable: string, size: number][] = []
  for (const [name, size] of sizes) {
    const variable = sizeVariables[name] ?? ""
    const prefix = prefixes.find((each) => name.startsWith(each))
    if (prefix === undefined) others.push([name, variable, size])
    else {
      // A service with several pools has one environment.
      const service = name.slice(prefix.length).replace(/ \(.*\)$/, "")
      services.set(service, (services.get(service) ?? new Map<string, number>()).set(variable, size))
    }
  }
  return [
    {
      heading: "In Terraform, each in its own environment",
      language: "hcl",
      lines: terraformLines(others),
    } as const,
    { heading: "In the compose file", language: "yaml", lines: composeLines(services) } as const,
  ].filter(({ lines }) => lines.length > 0)
}

function terraformLines(sizes: readonly (readonly [name: string, variable: string, size: number])[]) {
  const lines = sizes.map(([name, variable, size]) => ({ name, line: `"${variable}" = "${size}"` }))
  const width = Math.max(0, ...lines.map(({ line }) => line.length))
  return lines.map(({ name, line }) => `${line.padEnd(width)}  # ${label(name)}`)
}

const composeLines = (services: ReadonlyMap<string, ReadonlyMap<string, number>>): string[] =>
  services.size === 0
    ? []
    : [
        "services:",
        ...[...services].flatMap(([service, sizes]) => [
          `  ${keyOf(service)}:`,
          "    environment:",
          ...[...sizes].map(([variable, size]) => `      ${variable}: "${size}"`),
        ]),
      ]

/** Compose's names need no quotes in YAML; any other text is quoted as JSON, which YAML reads. */
const keyOf = (service: string) => (/^[A-Za-z_][\w.-]*$/.test(service) ? service : JSON.stringify(service))
