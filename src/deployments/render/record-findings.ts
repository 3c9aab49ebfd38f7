import { Attributes } from "../attributes.ts"
import { presence, type ResourceEnvironment, withCommand } from "../environment.ts"
import { ANY_NUMBER, type Findings, uncounted } from "../findings.ts"
import { mentionIn } from "../mentions.ts"
import type { PoolQuery } from "../resource-pool.ts"
import { usualMarker } from "../unmarked-addresses.ts"
import type { Blueprint, RenderService } from "./blueprint.ts"
import { urlOf } from "./database.ts"
import { databasesInParts, type Placed } from "./environment.ts"

/** Records a connection pooler: what it opens on the server is not in the file. */
export function notePooler({ address }: RenderService, { unknowns }: Findings): void {
  unknowns.push(
    uncounted(address, "is a connection pooler, and the file does not show how many connections it opens"),
  )
}

/** Records a service of a type that is not read, if it names the variable anywhere. */
export function noteOther(
  { address, attributes, type }: RenderService,
  texts: readonly string[],
  { leading }: PoolQuery,
  { unknowns }: Findings,
): void {
  const key = leading.find((name) => mentionIn(texts, name) || attributes.mentions(name))
  if (key !== undefined)
    unknowns.push(uncounted(address, `has ${key}, and services of the type ${type || "(none)"} are not read`))
}

/** Records a service that has only parts of a database's address: it connects, and its pool is not known. */
export function noteParts(
  placed: Placed,
  environment: ResourceEnvironment,
  { leading, servers }: PoolQuery,
  { unknowns }: Findings,
): void {
  // What has a usual name is recorded for all formats.
  if (usualMarker(environment) !== undefined) return
  if (leading.some((key) => presence(environment, key) !== "absent")) return
  const names = databasesInParts(placed).filter((name) => {
    const database = placed.database(name)
    return database === undefined || servers.otherUrl(urlOf(database, false)) !== "elsewhere"
  })
  if (names.length > 0)
    unknowns.push(
      uncounted(
        placed.service.address,
        `has the address of ${names.join(", ")} in parts, and no counted variable`,
      ),
    )
}

/** Records a command before the deploy that sets its own pool size, which is then not that of an instance. */
export function notePreDeploy(
  { service: { address, attributes } }: Placed,
  environment: ResourceEnvironment,
  names: readonly string[],
  { leading }: PoolQuery,
  { unknowns }: Findings,
): void {
  if (!leading.some((key) => presence(environment, key) !== "absent")) return
  const command = attributes.text("preDeployCommand")
  const own = withCommand(environment, new Attributes({ command }), ["command"], names)
  const name = names.find((each) => own.hidden.has(each) && !environment.hidden.has(each))
  if (name === undefined) return
  unknowns.push({
    cause: "surge",
    address,
    attribute: "preDeployCommand",
    name: `${address}.preDeployCommand`,
    problem: `sets ${name} by itself, so its pool may have another size`,
    between: ANY_NUMBER,
    isUnbounded: true,
    isOfDeploy: true,
    remedy: `Leave ${name} to envVars, or acknowledge it with \`prisma-pool baseline\``,
  })
}

/** Records what the dashboard may add to a file. */
export function noteDashboard({ prefix }: Blueprint, { assumptions }: Findings): void {
  assumptions.push({
    name: `${prefix}dashboard`,
    assumed: "it adds no variables, secret files or services to those of the file",
    remedy: "List each variable in the file, with sync: false if its value is a secret",
  })
}

/** Records that preview environments are left out. */
export function notePreviews({ hasPreviews, prefix }: Blueprint, { assumptions }: Findings): void {
  if (!hasPreviews) return
  assumptions.push({
    name: `${prefix}previews`,
    assumed: "each preview environment has databases of its own, so it opens nothing on these",
    remedy: "Set previews.generation to off where one leads to the same server",
  })
}
