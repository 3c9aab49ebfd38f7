import type { FleetBounds } from "../../declaration/fleet-bounds.ts"
import type { VariableNotation } from "../../deployments/index.ts"
import { label } from "../../error.ts"

/** Pool sizes as a platform's files have them. */
export interface SizeLines {
  readonly heading: string
  readonly language: "hcl" | "yaml"
  readonly lines: readonly string[]
}

/** A pool with its planned size, or budget, and the variable that sets it. */
interface Sized {
  readonly name: string
  readonly variable: string
  readonly size: number
}

/** Writes each size in the form of the document that its consumer is in; of others, as a map of Terraform has it. */
export function sizeLines(
  { sizeVariables, notations, source }: FleetBounds,
  sizes: readonly (readonly [name: string, size: number])[],
): readonly SizeLines[] {
  const all = sizes.map(([name, size]): Sized => ({ name, variable: sizeVariables[name] ?? "", size }))
  const notationOf = ({ name }: Sized) => (Object.hasOwn(notations, name) ? notations[name] : "map")
  const written = (notation: VariableNotation) => all.filter((each) => notationOf(each) === notation)
  const prefixes = (source?.documents ?? []).flatMap(({ name, kind }) =>
    kind === "compose" ? [`${name === "" ? "" : `${name}: `}service/`] : [],
  )
  const sections: readonly SizeLines[] = [
    {
      heading: "In Terraform, each in its own environment",
      language: "hcl",
      lines: [
        ...commented(written("map"), ({ variable, size }) => `${variable} = "${size}"`),
        ...commented(
          written("object"),
          ({ variable, size }) => `{ name = "${variable}", value = "${size}" }`,
        ),
        ...written("block").flatMap((sized) => blockLines(sized, "name ")),
        ...written("keyed").flatMap((sized) => blockLines(sized, "key  ")),
      ],
    },
    {
      heading: "In the manifests, each in its own container",
      language: "yaml",
      lines: written("manifest").flatMap(manifestLines),
    },
    {
      heading: "In the compose file",
      language: "yaml",
      lines: composeLines(written("service"), prefixes),
    },
    {
      heading: "In the Blueprint, each in its own service",
      language: "yaml",
      lines: written("blueprint").flatMap((sized) => keyedLines(sized, "envVars")),
    },
    {
      heading: "In the app spec, each in its own component",
      language: "yaml",
      lines: written("envs").flatMap((sized) => keyedLines(sized, "envs")),
    },
  ]
  return sections.filter(({ lines }) => lines.length > 0)
}

/** Writes each size in a line, with the name of its consumer behind it. */
function commented(sizes: readonly Sized[], write: (sized: Sized) => string): string[] {
  const lines = sizes.map((sized) => ({ name: sized.name, line: write(sized) }))
  const width = Math.max(0, ...lines.map(({ line }) => line.length))
  return lines.map(({ name, line }) => `${line.padEnd(width)}  # ${label(name)}`)
}

/** A block with two arguments takes a line for each of them. */
const blockLines = ({ name, variable, size }: Sized, key: "name " | "key  "): string[] => [
  `# ${label(name)}`,
  "env {",
  `  ${key} = "${variable}"`,
  `  value = "${size}"`,
  "}",
]

/** Kubernetes takes the values of variables as strings only. */
const manifestLines = ({ name, variable, size }: Sized): string[] => [
  `# ${label(name)}`,
  "env:",
  `  - name: ${variable}`,
  `    value: "${size}"`,
]

const keyedLines = ({ name, variable, size }: Sized, field: "envVars" | "envs"): string[] => [
  `# ${label(name)}`,
  `${field}:`,
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
