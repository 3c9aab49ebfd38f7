import type { Assumption } from "../sizing/index.ts"
import type { Attributes } from "./attributes.ts"
import type { DeployedPooler } from "./deployed-pooler.ts"
import type { Findings } from "./findings.ts"
import type { ProvidedPooler } from "./provided-pooler.ts"
import type { PoolQuery } from "./resource-pool.ts"
import type { SoughtVariables } from "./sought-variables.ts"
import type { Resource } from "./terraform/resource.ts"
import type { VariableNotation } from "./variable-notation.ts"
import type { Workload } from "./workload.ts"

/** A PostgreSQL server. */
export interface DatabaseServer {
  /** Undefined if the plan does not contain it. */
  readonly maxConnections: number | undefined
  /** The reason why it is undefined. */
  readonly reason?: string
  /** The highest value that it may have, if it is undefined and something bounds it. */
  readonly maxConnectionsAtMost?: number
  /** The assumption that `maxConnections` rests on. */
  readonly assumption?: Omit<Assumption, "name">
  /** The slots that its provider keeps, beyond the three that PostgreSQL keeps for superusers. */
  readonly providerReserved?: number
  /** Its own port; by default PostgreSQL's. */
  readonly port?: number
  /** The port of a pooler on its hosts, which leads to it. */
  readonly poolerPort?: number
  /** A PgBouncer that runs on it, as a tier. */
  readonly builtInPooler?: DeployedPooler
  /** Tells it apart from others of its type, if the `id` does not: a data source may have another one. */
  readonly identity?: string
  /** True if it only reads what another server writes. */
  readonly isReplica?: true
  /** Poolers of its provider in front of it. */
  readonly poolers?: readonly ProvidedPooler[]
  /** Its host names and addresses in the plan. */
  readonly hosts?: readonly string[]
  /** `DB-GP-S`, as it is written. */
  readonly nodeType?: string
  /** The `max_connections` of that node type in the sizing document's table, which is only a first guess. */
  readonly documented?: number
}

/** The parts of the documents that reading one resource may need. */
export interface Context {
  /** The variables that decide whether a container connects, and with how many connections. */
  readonly variables: readonly string[]
  /**
   * Finds the resources that an attribute refers to: by id or, before there is an id, by its expression.
   *
   * @param attribute one in blocks is written with them: `ecs_target.task_definition_arn`
   * @param target the type that it refers to, with the names of its resources if they have more than an id
   */
  resolve(resource: Resource, attribute: string, target: string | Target): Resolved
  /** All resources of a type, data sources included. */
  ofType(type: string): readonly Resource[]
  /** Finds the resources of a type that refer to a resource by an attribute. `target` says by which names. */
  referrers(resource: Resource, type: string, attribute: string, target?: Target): Referrers
  /** Finds what points at a resource, of types that are not read. */
  pointers(resource: Resource): readonly Pointer[]
}

/** A type whose resources others refer to by an ARN or a name. */
export interface Target {
  readonly type: string
  /** The names of a resource; undefined if they are not known, so that any name may be one of them. */
  readonly names: (target: Resource, context: Pick<Context, "resolve">) => readonly string[] | undefined
  /** The names that the value of an attribute stands for; by default the value itself. */
  readonly keys?: (value: string) => readonly string[]
}

/** A resource of a type that is not read, which refers to another one. */
export interface Pointer {
  readonly resource: Resource
  /** The names that lead to the attribute which refers to it. */
  readonly path: readonly string[]
}

/** Resources that refer to another one. */
export interface Referrers {
  readonly certain: readonly Resource[]
  /** They refer to it, or to another resource of its type. */
  readonly possible: readonly Resource[]
}

export interface Resolved {
  readonly resources: readonly Resource[]
  /** If false, it is one of these, or one that is not in the document. */
  readonly isCertain: boolean
}

/** The attributes by which an action names the job that it starts. */
export interface Starter {
  /** The type of the job. */
  readonly type: string
  /** The attribute with its id. */
  readonly attribute: string
  /** The attribute with the number of runs; 1 if it is omitted. */
  readonly runs: string
}

/** One of several workloads of a resource. */
export interface WorkloadPart {
  /** Its name in the resource: `service.api`. */
  readonly name: string
  /** Undefined if it runs nothing that is counted. */
  read(sought: SoughtVariables): Workload | undefined
  /** Records what may connect and is not counted. */
  recordUncounted(address: string, workload: Workload | undefined, query: PoolQuery, findings: Findings): void
}

/** A reader for the resources of one provider: one file for each. */
export interface Platform {
  /** As in "Scaleway's default". */
  readonly name: string
  /** Resources that may open connections, by type. */
  readonly workloads: Readonly<
    Record<string, (attributes: Attributes, resource: Resource, context: Context) => Workload>
  >
  /** Resources that are several workloads, by type. */
  readonly parts?: Readonly<Record<string, (attributes: Attributes) => readonly WorkloadPart[]>>
  /** How workloads write their variables, by type; a line of a map if it is omitted. */
  readonly notations?: Readonly<Record<string, VariableNotation>>
  /** PostgreSQL servers by type; undefined if the resource is another kind of server. */
  readonly servers: Readonly<
    Record<
      string,
      (attributes: Attributes, resource: Resource, context: Context) => DatabaseServer | undefined
    >
  >
  /** Types of actions that start a run of a job, as a deploy does. */
  readonly starters: Readonly<Record<string, Starter>>
  /**
   * Types that are read with the workloads that they start, scale or run, and connect nothing themselves: each with the
   * attributes in which it may still pass variables to them.
   */
  readonly attached?: Readonly<Record<string, readonly string[]>>
  /** Types that only hold the environment of other resources, and open no connection themselves. */
  readonly sharedEnvironments: readonly string[]
}
