import { execFileSync } from "node:child_process"
import manifest from "../../package.json" with { type: "json" }
import { BUNDLED } from "../../tsup.config.ts"

interface Property {
  readonly name: string
  readonly value: string
}

interface Component {
  readonly "bom-ref": string
  readonly name: string
  readonly version: string
  readonly properties: readonly Property[]
}

/** What npm says in the format of CycloneDX, as far as it matters here. */
interface BillOfMaterials {
  readonly metadata: { readonly component: Component }
  readonly components: readonly Component[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

/**
 * What is in the package or installed with it, in the format of CycloneDX. npm takes what the build copies into `dist` for
 * tools of the development, and leaves it out when these are left out: here it is in, and marked as bundled.
 */
export function billOfMaterials(): BillOfMaterials {
  const all: BillOfMaterials = JSON.parse(
    execFileSync("npm", ["sbom", "--sbom-format", "cyclonedx", "--sbom-type", "library"], {
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
      shell: process.platform === "win32",
    }),
  )
  const { component } = all.metadata
  const shipped = [...Object.keys(manifest.dependencies), ...BUNDLED]
  const direct = all.dependencies.find(({ ref }) => ref === component["bom-ref"])?.dependsOn ?? []
  const components = all.components
    .filter((each) => direct.includes(each["bom-ref"]) && shipped.includes(each.name))
    .map((each) => (BUNDLED.includes(each.name) ? { ...each, properties: [IS_BUNDLED] } : each))
  const refs = components.map((each) => each["bom-ref"])
  return {
    ...all,
    // npm takes the name of the folder.
    metadata: { ...all.metadata, component: { ...component, name: manifest.name } },
    components,
    dependencies: [
      { ref: component["bom-ref"], dependsOn: refs },
      ...all.dependencies.filter(({ ref }) => refs.includes(ref)),
    ],
  }
}

/** Of CycloneDX's names for npm. */
const IS_BUNDLED: Property = { name: "cdx:npm:package:bundled", value: "true" }
