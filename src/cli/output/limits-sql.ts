import { URL_OPTIONS } from "../../config/url-options.ts"
import { label } from "../../error.ts"
import { sum } from "../../monitor/inspect/group-connections.ts"
import { type RoleName, roleNames } from "./role-name.ts"

/** A consumer, a pooler, or all jobs together, with what its role may have. */
export interface LimitedRole {
  readonly name: string
  /** A consumer may have the name of a pooler, or of all jobs together. */
  readonly kind: "consumer" | "jobs" | "pooler"
  /** The most connections at any instant. */
  readonly limit: number
  /** How that number comes about. */
  readonly reason: string
  /** True if its size is `auto`: its pools rely on the limit. */
  readonly isAuto: boolean
  /** Its declared roles; one that ends with `*` is a prefix. */
  readonly roles: readonly string[]
}

/** The server that the statements are for. */
export interface LimitedServer {
  readonly usable: number
  /** What ordinary roles use outside the fleet. */
  readonly reserved: number
  /** What the fleet's roles may have that are not printed. */
  readonly others: number
}

/** Connections of a database that are left to its owner, to monitoring and to a migration. */
const LEFT_IN_DATABASE = 3

/** A network that drops a connection silently must not keep its backend for the two hours that are usual. */
const KEEPALIVE_SECONDS = 60

/** Seconds after which no connection of a living pool is still idle, at the default of its idle lifetime. */
const IDLE_SECONDS = 2 * URL_OPTIONS.maxIdleConnectionLifetime.default

interface Statement {
  readonly comment?: string
  readonly sql: string
}

/** Statements that succeed or fail together. */
interface Block {
  readonly comments: readonly string[]
  readonly statements: readonly Statement[]
  /** True to print them as comments, because only a person can know whether they are safe. */
  readonly isOff?: boolean
}

/**
 * Renders the statements with which a server enforces a plan. A role that is not declared is a variable of psql: without a
 * value it is a syntax error, which changes no role at all rather than a wrong one.
 */
export function limitsSql(all: readonly LimitedRole[], server: LimitedServer): string {
  const limited = all.filter(({ limit }) => limit > 0)
  const names = roleNames(limited)
  const nameOf = (each: LimitedRole): string => names.get(each)?.sql ?? ""
  const blocks = [
    limitsBlock(limited, names),
    {
      comments: [
        "2. Found sooner: connections whose client is gone. Each role may also run these itself. New sessions have them.",
      ],
      statements: limited.map((each) => ({
        sql: `ALTER ROLE ${nameOf(each)} SET tcp_keepalives_idle = ${KEEPALIVE_SECONDS};`,
      })),
    },
    {
      comments: [
        "3. The same while a query runs, which else keeps its slot to its end. PostgreSQL 14 and later, on Linux.",
      ],
      statements: limited.map((each) => ({
        sql: `ALTER ROLE ${nameOf(each)} SET client_connection_check_interval = '1s';`,
      })),
    },
    idleBlock(
      limited.filter(({ isAuto }) => isAuto),
      nameOf,
    ),
    databaseBlock(limited, server),
  ].filter(({ statements }) => statements.length > 0)
  return `${[header(all, [...names.values()]), ...blocks.map(render)].join("\n\n")}\n`
}

function header(all: readonly LimitedRole[], names: readonly RoleName[]): string {
  const missing = names.filter(({ variable }) => variable !== undefined)
  const absent = all.filter(({ limit }) => limit === 0)
  return comments([
    "What the server enforces of this plan. psql stops at the first error with:",
    `  psql -v ON_ERROR_STOP=1${missing.map(({ variable }) => ` -v ${variable}=NAME`).join("")} -f limits.sql`,
    ...missing.map(
      ({ variable, why }) => `${variable}: ${why}. Without a value, its statements are syntax errors.`,
    ),
    ...absent.map(
      ({ name }) =>
        `${label(name)} has no connections here, and no limit: CONNECTION LIMIT 0 would lock it out.`,
    ),
    "To run by a superuser, or by a role with CREATEROLE that also has, from PostgreSQL 16 on, ADMIN OPTION on each of these roles.",
  ])
}

function limitsBlock(limited: readonly LimitedRole[], names: ReadonlyMap<LimitedRole, RoleName>): Block {
  const isAnyAuto = limited.some(({ isAuto }) => isAuto)
  return {
    comments: [
      "1. The most connections of each role. At its limit a role is refused, whoever uses it: migrations, monitoring and psql need",
      "roles of their own. A superuser is not bound.",
      ...(isAnyAuto
        ? [
            "What is frozen keeps its connections. With auto, a frozen process can hold so many that new instances get none, until its",
            "sessions end: see idle_session_timeout below.",
          ]
        : []),
    ],
    statements: [
      ...guard([...names.values()]),
      ...limited.map((each) => ({
        comment: `${label(each.name)}: ${each.reason}`,
        sql: `ALTER ROLE ${names.get(each)?.sql} CONNECTION LIMIT ${each.limit};`,
      })),
    ],
  }
}

/** The second limit of a role would replace the first: what is given twice is an error, where it can be given. */
function guard(names: readonly RoleName[]): Statement[] {
  if (names.length < 2 || names.every(({ variable }) => variable === undefined)) return []
  return [
    {
      comment: "An error if two of them have the same role: its limit has to be their sum.",
      sql: `SELECT CASE WHEN count(*) = count(DISTINCT role) THEN '1' ELSE 'one role is given twice' END::int AS roles_differ\n  FROM (VALUES ${names.map(({ text }) => `(${text})`).join(", ")}) AS given (role);`,
    },
  ]
}

function idleBlock(auto: readonly LimitedRole[], nameOf: (each: LimitedRole) => string): Block {
  return {
    comments: [
      "4. Only for roles of which no session listens (LISTEN), since such a session is idle and would be ended. PostgreSQL 14 and later. It ends",
      `the sessions of a frozen process, so that others get their slots. ${IDLE_SECONDS} s is twice max_idle_connection_lifetime, ${URL_OPTIONS.maxIdleConnectionLifetime.default} s by default: it`,
      "must be longer than that, else it ends sessions of pools that live. Remove the dashes where this holds. Not for the role of a pooler.",
    ],
    statements: auto.map((each) => ({
      sql: `ALTER ROLE ${nameOf(each)} SET idle_session_timeout = '${IDLE_SECONDS}s';`,
    })),
    isOff: true,
  }
}

/** Everybody but a superuser counts and is refused at a database's limit, its owner included. */
function databaseBlock(limited: readonly LimitedRole[], { usable, reserved, others }: LimitedServer): Block {
  const fleet = sum(limited, ({ limit }) => limit)
  const limit = fleet + others + reserved + LEFT_IN_DATABASE
  const ofOthers = others > 0 ? ` + ${others} of the plan's others` : ""
  const parts = `${fleet} of these roles${ofOthers} + ${reserved} reserved + ${LEFT_IN_DATABASE} for its owner, monitoring and a migration`
  // Without room for the others, it would lock them out.
  if (fleet === 0 || limit > usable) return { comments: [], statements: [] }
  return {
    comments: [
      "5. Only where other roles than these may connect to the database too: it binds all of them together. At this limit its owner is refused,",
      `and so are the administrators of a managed server, who are no superusers. ${parts}.`,
      "Its owner may run this, with -v database=NAME.",
    ],
    statements: [{ sql: `ALTER DATABASE :"database" CONNECTION LIMIT ${limit};` }],
    isOff: true,
  }
}

const comments = (lines: readonly string[]): string => lines.map((line) => `-- ${line}`).join("\n")

function render({ comments: head, statements, isOff = false }: Block): string {
  const lines = [
    "BEGIN;",
    ...statements.flatMap(({ comment, sql }) => [...(comment === undefined ? [] : [`-- ${comment}`]), sql]),
    "COMMIT;",
  ]
  return [comments(head), isOff ? comments(statements.map(({ sql }) => sql)) : lines.join("\n")].join("\n")
}
