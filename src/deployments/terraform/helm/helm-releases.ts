import { ANY_NUMBER, type Findings } from "../../findings.ts"
import { textOf } from "../../json-value.ts"
import type { PoolQuery } from "../../resource-pool.ts"
import type { Resource } from "../resource.ts"
import { isInfrastructure } from "./infrastructure-charts.ts"

export const HELM_TYPE = "helm_release"

/**
 * Records Helm releases. What their charts render is in no plan: a chart of infrastructure is assumed to open no
 * connection, and any other may.
 */
export function noteHelmReleases(
  releases: readonly Resource[],
  { leading }: PoolQuery,
  { unknowns, assumptions, warnings }: Findings,
): void {
  const assumed: string[] = []
  for (const release of releases) {
    const named = leading.find((key) => release.attributes.mentions(key))
    if (named === undefined && isHarmless(release)) {
      assumed.push(release.address)
      continue
    }
    const { address, actions } = release
    const renders = "a plan does not show what its chart renders"
    const problem = named === undefined ? renders : `has ${named} in its values, and ${renders}`
    if (actions.length > 0 && actions.every((action) => action === "delete")) {
      warnings.push(`${address}: ${problem}: its connections until it is deleted are not counted`)
      continue
    }
    unknowns.push({
      cause: "type",
      address,
      name: address,
      problem,
      between: ANY_NUMBER,
      isUnbounded: true,
      remedy: remedyFor(release),
    })
  }
  if (assumed.length === 0) return
  assumptions.push({
    name: HELM_TYPE,
    assumed: `charts of infrastructure open no connection to the server: ${assumed.join(", ")}`,
    remedy: "If one does, declare what it opens in reserved",
  })
}

/** True for a release of infrastructure of whose values none is about PostgreSQL, and which no program changes. */
function isHarmless({ attributes }: Resource): boolean {
  if (["chart", "repository", "postrender"].some((name) => attributes.isUnknown(name))) return false
  if (attributes.blocks("postrender").length > 0) return false
  const [chart, repository] = [attributes.text("chart"), attributes.text("repository")]
  if (chart === undefined || !isInfrastructure(chart, repository || undefined)) return false
  return !ABOUT_POSTGRES.some((word) => attributes.mentions(word)) && attributes.postgresUrls.size === 0
}

/** What the values of a monitor or an autoscaler name if it asks a PostgreSQL server. */
const ABOUT_POSTGRES = ["postgres", "postgresql"]

/** The command that renders a release. What may be a secret, or more than a word for a shell, is a placeholder. */
function remedyFor({ address, attributes, name }: Resource): string {
  const word = (attribute: string, placeholder: string) => {
    const value = textOf(attributes.get(attribute))
    return SHOWN.test(value) ? value : placeholder
  }
  const option = (flag: string, attribute: string) =>
    attributes.get(attribute) || attributes.isUnknown(attribute)
      ? [`--${flag} ${word(attribute, flag.toUpperCase())}`]
      : []
  const release = word("name", "RELEASE")
  const chart = word("chart", "CHART")
  const repository = textOf(attributes.get("repository"))
  const source = repository.startsWith("oci://")
    ? [word("repository", "oci://REPOSITORY").replace(/\/*$/, `/${chart}`)]
    : [chart, ...option("repo", "repository")]
  const file = `${/^[\w.-]+$/.test(release) ? release : name || "release"}.yaml`
  const command = [
    "helm template",
    release,
    ...source,
    ...option("version", "version"),
    ...option("namespace", "namespace"),
    "--values VALUES.yaml",
    `> ${file}`,
  ].join(" ")
  return `Render it with its values (${command}), check it beside the plan with --kubernetes ${file}, and add --exclude '${address.replaceAll("'", "'\\''")}=rendered'`
}

/** A word without a meaning for a shell, and a URL without a user or a query. */
const SHOWN = /^[A-Za-z0-9][A-Za-z0-9._:/+~-]{0,200}$|^\.{0,2}\/[A-Za-z0-9._/-]{1,200}$/
