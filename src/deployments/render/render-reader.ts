import type { PoolConfigIssue } from "../../error.ts"
import { isPoolerImage } from "../container-images.ts"
import type { ResourceEnvironment } from "../environment.ts"
import type { Findings } from "../findings.ts"
import { mentionIn } from "../mentions.ts"
import { forResource } from "../override.ts"
import type { DeployedWorkload, Reader } from "../reader.ts"
import type { AttributeFindings } from "../workload.ts"
import { type Blueprint, type RenderService, readBlueprint } from "./blueprint.ts"
import { foundServer } from "./database.ts"
import { environmentOf, type Placed, textsOf } from "./environment.ts"
import { kindOf, PLATFORM, runsOf, type ServiceKind } from "./instances.ts"
import type { NamedBlueprint } from "./parse-blueprint.ts"
import { previewsOf } from "./previews.ts"
import {
  noteDashboard,
  noteOther,
  noteParts,
  notePooler,
  notePreDeploy,
  notePreviews,
} from "./record-findings.ts"

interface Member extends Placed {
  readonly blueprint: Blueprint
  readonly kind: ServiceKind | "pooler"
}

/** Reads parsed Blueprints. Their databases and services may refer to each other. */
export function readRender(named: readonly NamedBlueprint[], issues: PoolConfigIssue[]): Reader {
  const blueprints = named.map((each) => readBlueprint(each, issues))
  const members = membersOf(blueprints)
  const databases = blueprints.flatMap(({ scopes }) => scopes.flatMap((scope) => scope.databases))
  let texts: readonly string[] | undefined
  return {
    format: "render",
    documents: named.map(({ name }) => ({ name, kind: "blueprint" })),
    incomplete: [],
    issues,
    servers: databases.map(foundServer),
    places: members.map(({ service }) => service),
    lasting: members.map(({ service }) => service.address),
    mentions(variable) {
      texts ??= members.filter(({ kind }) => isRunning(kind) || kind === "other").flatMap(textsOf)
      return mentionIn(texts, variable)
    },
    read({ leading, deciding }, exclude, findings) {
      const included = members.filter(({ service }) => isIncluded(service, exclude, findings))
      const workloads = included
        .filter(({ kind }) => isRunning(kind))
        .map((member) => ({ member, environment: environmentOf(member, deciding) }))
      return {
        workloads: workloads.map(({ member, environment }) => deployed(member, environment, leading)),
        recordUncounted(query, recorded) {
          for (const blueprint of blueprints) {
            noteDashboard(blueprint, recorded)
            notePreviews(blueprint, recorded)
          }
          for (const member of included) {
            if (member.kind === "pooler") notePooler(member.service, recorded)
            if (member.kind === "other") noteOther(member.service, textsOf(member), query, recorded)
          }
          for (const { member, environment } of workloads) {
            noteParts(member, environment, query, recorded)
            notePreDeploy(member, environment, deciding, query, recorded)
          }
          return new Map()
        },
      }
    },
  }
}

const isRunning = (kind: Member["kind"]): boolean => ["instances", "static", "cron"].includes(kind)

function membersOf(blueprints: readonly Blueprint[]): readonly Member[] {
  const scopes = blueprints.flatMap((blueprint) => blueprint.scopes)
  const databases = scopes.flatMap((scope) => scope.databases)
  const members: readonly Member[] = blueprints.flatMap((blueprint) =>
    blueprint.scopes.flatMap((scope) =>
      scope.services.map((service): Member => {
        const isOwn = (one: Member) => one.scope === scope
        return {
          service,
          scope,
          blueprint,
          kind: isPooler(service) ? "pooler" : kindOf(service),
          database: (name) =>
            scope.databases.find((each) => each.name === name) ??
            onlyOf(databases.filter((each) => each.name === name)),
          sibling: (name) => {
            const found = members.filter((each) => each.service.name === name)
            return found.find(isOwn) ?? onlyOf(found)
          },
        }
      }),
    ),
  )
  return members
}

const onlyOf = <Item>(items: readonly Item[]): Item | undefined => (items.length === 1 ? items[0] : undefined)

/** A pooler is a service like any other: only its image, its code or its name tells. */
function isPooler({ name, attributes, type }: RenderService): boolean {
  const [image] = attributes.blocks("image")
  const sources = [image?.text("url"), attributes.text("repo")?.replace(/\.git$/, ""), name]
  return type !== "cron" && sources.some((source) => source !== undefined && isPoolerImage(source))
}

/** Records an exclusion. */
function isIncluded(
  service: RenderService,
  exclude: Readonly<Record<string, string>>,
  { excluded }: Findings,
): boolean {
  const exclusion = forResource(exclude, service)
  if (exclusion !== undefined) excluded.push({ address: service.address, reason: exclusion.value })
  return exclusion === undefined
}

function deployed(
  member: Member,
  environment: ResourceEnvironment,
  keys: readonly string[],
): DeployedWorkload {
  const { service, blueprint, kind } = member
  const findings: AttributeFindings = { assumptions: [], unknowns: [] }
  const runs = runsOf(service, kind === "pooler" ? "other" : kind, findings)
  const [field, lowest] =
    "instances" in runs ? (["instances", runs.instances] as const) : (["concurrent", 1] as const)
  const previews = previewsOf(member, blueprint.hasPreviews, keys, field, lowest)
  return {
    address: service.address,
    ownAddress: service.ownAddress,
    platform: PLATFORM,
    notation: "blueprint",
    after: {
      containers: [environment],
      assumptions: findings.assumptions,
      unknowns: [...findings.unknowns, ...previews],
      runs,
    },
    // The file does not say what runs now.
    before: undefined,
    isReplaced: false,
    isForgotten: false,
  }
}
