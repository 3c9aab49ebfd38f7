import { poolerRules } from "../sizing/fleet-rules.ts"
import { type FieldRule, isLower, lower } from "./field-rules.ts"
import type { DeclaredPooler } from "./fleet-config.ts"

/** A number, or another value in its place, of which any change can relax that is not a higher number. */
const notHigher = (from: unknown, to: unknown): boolean =>
  typeof from !== "number" || typeof to !== "number" ? from !== to : to < from

/** A number of groups that the pools are spread over: as many as there are pools where it is left out. */
const spreadOver = (field: "databases" | "users"): FieldRule<DeclaredPooler> => ({
  field,
  written: ({ [field]: groups }) => groups,
  counted: ({ [field]: groups, pools = poolerRules.pools.default }) =>
    groups ?? (typeof pools === "number" ? pools : undefined),
  relaxes: isLower,
  absent: ({ pools = poolerRules.pools.default }) => (typeof pools === "number" ? pools : null),
})

/** A cap of PgBouncer: 0 is none, and a lower one lowers the sum. */
const cap = (field: "maxDbConnections" | "maxUserConnections"): FieldRule<DeclaredPooler> => ({
  ...lower(field, poolerRules[field].default),
  counted: ({ [field]: most = 0 }) => (most === 0 ? Number.POSITIVE_INFINITY : most),
})

/** Another host may take a client from behind the pooler, or put one there. */
const hostsOf = ({ hosts }: DeclaredPooler): string | undefined => hosts && [...hosts].sort().join(", ")

/** The fields of a pooler, without those of its size. */
export const POOLER_FIELDS: readonly FieldRule<DeclaredPooler>[] = [
  {
    // Fewer open less, and more take more clients.
    field: "instances",
    written: ({ instances }) => instances,
    counted: ({ instances }) => instances,
    relaxes: (from, to) => from !== to,
    absent: () => null,
  },
  {
    // More take more clients.
    field: "minInstances",
    written: ({ minInstances }) => minInstances,
    counted: ({ minInstances, instances }) => minInstances ?? instances,
    relaxes: (from, to) => from === undefined || to === undefined || to > from,
    absent: ({ instances }) => instances,
  },
  {
    field: "surge",
    written: ({ surge }) => surge,
    counted: ({ surge, instances }) => surge ?? instances,
    relaxes: isLower,
    absent: ({ instances }) => instances,
  },
  {
    field: "pools",
    written: ({ pools }) => (typeof pools === "object" ? JSON.stringify(pools) : pools),
    counted: ({ pools = poolerRules.pools.default }) =>
      typeof pools === "object" ? JSON.stringify(pools) : pools,
    relaxes: notHigher,
    absent: () => poolerRules.pools.default,
  },
  spreadOver("databases"),
  spreadOver("users"),
  lower("reservePoolSize", poolerRules.reservePoolSize.default),
  cap("maxDbConnections"),
  cap("maxUserConnections"),
  {
    field: "maxClientConnections",
    written: ({ maxClientConnections }) => maxClientConnections,
    counted: ({ maxClientConnections }) => maxClientConnections,
    relaxes: (from, to) => from === undefined || to === undefined || to > from,
    absent: () => "open",
  },
  {
    // In session mode fewer clients are taken.
    field: "poolMode",
    written: ({ poolMode }) => poolMode,
    counted: ({ poolMode = "transaction" }) => poolMode,
    relaxes: (from) => from === "session",
    absent: () => "transaction",
  },
  {
    field: "authUser",
    written: ({ authUser }) => authUser,
    counted: ({ authUser }) => authUser,
    relaxes: (from, to) => from !== undefined && from !== to,
    absent: () => null,
  },
  {
    field: "authDbname",
    written: ({ authDbname }) => authDbname,
    counted: ({ authDbname }) => authDbname,
    relaxes: (from, to) => from !== to,
    absent: () => null,
  },
  {
    field: "hosts",
    written: hostsOf,
    counted: hostsOf,
    relaxes: (from, to) => from !== to,
    absent: () => null,
  },
  {
    // Left out, it follows from the clients, and may be more or less than what was given.
    field: "orphans",
    written: ({ orphans }) => orphans,
    counted: ({ orphans }) => orphans,
    relaxes: (from, to) => from === undefined || to === undefined || to < from,
    absent: () => null,
  },
]
