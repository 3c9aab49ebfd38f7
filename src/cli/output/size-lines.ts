import type { FleetBounds } from "../../declaration/fleet-bounds.ts"
import type { Format } from "../../deployments/index.ts"
import { label } from "../../error.ts"

/** Pool sizes as a platform's files have them. */
export interface SizeLines {
  readonly heading: string
  readonly language: "hcl" | "yaml"
  readonly lines: readonly string[]
}

/** A pool with its planned size, and the variable that sets it. */
interface Sized {
  readonly name: string
  readonly variable: string
  readonly size: number
}

/** Writes each size in the form of the document that its consumer is in; of others, as Terraform has it. */
export function sizeLines(
  { sizeVariables, formats, source }: FleetBounds,
  sizes: readonly (readonly [name: string, size: number])[],
): readonly SizeLines[] {
  const all = sizes.map(([name, size]): Sized => ({ name, variable: sizeVariables[name] ?? "", size }))
  const formatOf = ({ name }: Sized) => (Object.hasOwn(formats, name) ? formats[name] : "terraform")
  const inFormat = (format: Format) => all.filter((each) => formatOf(each) === format)
  const prefixes = (source?.documents ?? []).flatMap(({ name, kind }) =>
    kind === "compose" ? [`${name === "" ? "" : `${name}: `}service/`] : [],
  )
  const sections: readonly SizeLines[] = [
    {
      heading: "In Terraform, each in its own environment",
      language: "hcl",
      lines: terraformLines(inFormat("terraform")),
    },
    {
      heading: "In the manifests, each in its own container",
      language: "yaml",
      lines: inFormat("kubernetes").flatMap(manifestLines),
    },
    {
      heading: "In the compose file",
      language: "yaml",
      lines: composeLines(inFormat("compose"), prefixes),
    },
    {
      heading: "In the Blueprint, each in its own service",
      language: "yaml",
      lines: inFormat("render").flatMap(blueprintLines),
    },
  ]
  return sections.filter(({ lines }) => lines.length > 0)
}

function terraformLines(sizes: readonly Sized[]): string[] {
  const lines = sizes.map(({ name, variable, size }) => ({ name, line: `"${variable}" = "${size}"` }))
  const width = Math.max(0, ...lines.map(({ line }) => line.length))
  return lines.map(({ name, line }) => `${line.padEnd(width)}  # ${label(name)}`)
}

/** Kubernetes takes the values of variables as strings only. */
const manifestLines = ({ name, variable, size }: Sized): string[] => [
  `# ${label(name)}`,
  "env:",
  `  - name: ${variable}`,
  `    value: "${size}"`,
]

const blueprintLines = ({ name, variable, size }: Sized): string[] => [
  `# ${label(name)}`,
  "envVars:",
  `  - key: ${variable}`,
  `    value: "${size}"`,
]

function composeLines(sizes: readonly Sized[], prefixes: readonly string[]): string[] {
  if (sizes.length === 0) return []
  const services = new Map<string, Map<string, number>>()
  for (const { name, variable, size } of sizes) {
    const prefix = prefixes.find((each) => name.startsWith(each)) ?? ""
    // A service with several pools has one environment.
    const service = name.slice(prefix.length).replace(/ \(.*\)$/, "")
    services.set(service, (services.get(service) ?? new Map<string, number>()).set(variable, size))
  }
  return [
    "services:",
    ...[...services].flatMap(([service, variables]) => [
      `  ${keyOf(service)}:`,
      "    environment:",
      ...[...variables].map(([variable, size]) => `      ${variable}: "${size}"`),
    ]),
  ]
}

/** Compose's names need no quotes in YAML; any other text is quoted as JSON, which YAML reads. */
const keyOf = (service: string) => (/^[A-Za-z_][\w.-]*$/.test(service) ? service : JSON.stringify(service))
