import type { PoolConfigIssue } from "../../error.ts"
import { isPoolerImage } from "../container-images.ts"
import { normalHost } from "../destination.ts"
import type { ResolveHost } from "../environment.ts"
import type { Findings } from "../findings.ts"
import { mentionIn } from "../mentions.ts"
import { type Addressed, forResource } from "../override.ts"
import type { DeployedWorkload, NamedDocument, Reader } from "../reader.ts"
import { type ComposeDocument, readComposeDocument } from "./compose-document.ts"
import type { ComposeService } from "./compose-service.ts"
import { foundServer, isPostgresService } from "./postgres-service.ts"
import { noteJob, notePooler, noteProfiles, noteValueless } from "./record-findings.ts"
import { oneShot } from "./replicas.ts"
import { environmentOf, textsOf } from "./service-environment.ts"
import type { ServiceRelations } from "./service-relations.ts"

const PLATFORM = "Docker Compose"

/** A service with its document. */
interface Placed {
  readonly service: ComposeService
  readonly document: ComposeDocument
  readonly kind: "server" | "pooler" | "provider" | "workload"
}

/** Parses compose files, as `docker compose config` prints them. */
export function readCompose(named: readonly NamedDocument[]): Reader {
  const issues: PoolConfigIssue[] = []
  const documents = named.map((document) => readComposeDocument(document, issues))
  const all = documents.flatMap((document) =>
    document.services.map((service): Placed => ({ service, document, kind: kindOf(service) })),
  )
  const of = (kind: Placed["kind"], placed: readonly Placed[] = all) =>
    placed.filter((each) => each.kind === kind)
  let texts: readonly string[] | undefined
  return {
    format: "compose",
    documents: named.map(({ name }) => ({ name, kind: "compose" })),
    incomplete: [],
    issues,
    servers: of("server").flatMap(({ service, document: { relations } }) =>
      service.replicas.count === 0 ? [] : [foundServer(service, hostsIn(service, relations))],
    ),
    places: [...all.map(({ service }) => service), ...documents.flatMap(jobsOf)],
    lasting: all.map(({ service }) => service.address),
    mentions(variable) {
      texts ??= of("workload").flatMap(({ service, document }) => textsOf(service, document))
      return mentionIn(texts, variable)
    },
    read({ leading, deciding }, exclude, findings) {
      const included = all.filter(({ service }) => isIncluded(service, exclude, findings))
      const jobs = documents.flatMap(jobsOf).filter((job) => isIncluded(job, exclude, findings))
      return {
        workloads: of("workload", included).map((placed) =>
          deployed(placed, leading, deciding, (host) => resolved(host, placed.document, of("server"))),
        ),
        recordUncounted(query, recorded) {
          for (const document of documents) noteProfiles(document, recorded)
          for (const job of jobs) noteJob(job, query, recorded)
          for (const { service } of of("pooler", included)) notePooler(service, recorded)
          for (const { service } of of("workload", included)) noteValueless(service, leading, recorded)
          return new Map()
        },
      }
    },
  }
}

/** All names of a service in the networks of its file. */
const hostsIn = ({ name, hosts }: ComposeService, { aliases }: ServiceRelations): readonly string[] => [
  ...new Set([...hosts, ...(aliases.get(name) ?? [])]),
]

/** Resolves a host to the address of a server: one of the same file or, in a network that files share, of another. */
function resolved(host: string, document: ComposeDocument, servers: readonly Placed[]): string {
  const isOf = (service: ComposeService, { relations }: ComposeDocument) =>
    hostsIn(service, relations).some((each) => normalHost(each) === host)
  const isOwn = document.services.some((service) => isOf(service, document))
  const [only, ...others] = servers.filter(
    (each) => (!isOwn || each.document === document) && isOf(each.service, each.document),
  )
  return only === undefined || others.length > 0 ? host : only.service.address
}

function kindOf(service: ComposeService): Placed["kind"] {
  if (service.isProvided) return "provider"
  if (isPoolerImage(service.image) || /^\S*pgbouncer(\s|$)/.test(service.command.join(" "))) return "pooler"
  return isPostgresService(service) ? "server" : "workload"
}

const jobsOf = ({ jobs, prefix }: ComposeDocument) =>
  jobs.map(([name, job]) => ({ address: `${prefix}job/${name}`, ownAddress: `job/${name}`, job }))

/** Records an exclusion. */
function isIncluded(
  place: Addressed,
  exclude: Readonly<Record<string, string>>,
  { excluded }: Findings,
): boolean {
  const exclusion = forResource(exclude, place)
  if (exclusion !== undefined) excluded.push({ address: place.address, reason: exclusion.value })
  return exclusion === undefined
}

function deployed(
  { service, document }: Placed,
  keys: readonly string[],
  names: readonly string[],
  resolveHost: ResolveHost,
): DeployedWorkload {
  const { address, ownAddress, replicas } = service
  const isOneShot = document.relations.awaited.has(service.name) && "instances" in replicas.runs
  const { assumptions, unknowns, runs } = isOneShot ? oneShot(replicas) : replicas
  const containers = [{ ...environmentOf(service, document, keys, names), resolveHost }]
  return {
    address,
    ownAddress,
    platform: PLATFORM,
    notation: "service",
    after: { containers, assumptions, unknowns, runs },
    // The document does not say what runs now.
    before: undefined,
    isReplaced: false,
    isForgotten: false,
  }
}
