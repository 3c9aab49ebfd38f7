import { label } from "../../error.ts"
import type { LimitName } from "../../pool/refusal-texts.ts"
import type { Remedy } from "./remedies.ts"

/** The server that refused a connection, from its URL. */
export interface RefusingServer {
  readonly host: string
  readonly user: string | undefined
  readonly database: string
}

/** Providers that keep the superuser for themselves, by host name. */
const MANAGED =
  /\.(rds\.amazonaws\.com|postgres\.database\.azure\.com|pg\.sdb\.[\w-]+\.scw\.cloud|rdb\.[\w-]+\.scw\.cloud|neon\.tech|supabase\.(co|com))$|^\/cloudsql\//i

const AMAZON = /\.rds\.amazonaws\.com$/i

const FREE_ONE: Remedy = {
  when: "now",
  why: "free one slot first: stop one job, or one instance of the largest consumer, then run this again",
}

/** Returns ways to get an answer from a server without a free slot, by the limit that was reached. */
export function wayIn(fullBy: LimitName | "pooler" | undefined, server: RefusingServer): Remedy[] {
  const user = label(server.user ?? "this role")
  switch (fullBy) {
    case "role":
      return [
        {
          when: "now",
          why: `run this again with the URL of another role than ${user}: the limit is that role's own`,
        },
        {
          when: "now",
          why: `or stop one instance of what connects as ${user}, another inspect or watch included, then run this again`,
        },
      ]
    case "database":
      return [
        {
          when: "now",
          why: `run this again with another database in the URL's path, such as postgres: the limit is ${label(server.database)}'s own, and the report is of the whole server`,
        },
      ]
    case "pooler":
      return [{ when: "now", why: "run this again with the URL of the server itself, past the pooler" }]
    default:
      return [...superuser(server), FREE_ONE]
  }
}

function superuser({ host }: RefusingServer): Remedy[] {
  if (AMAZON.test(host)) {
    return [
      {
        when: "now",
        why: "slots are kept for members of rds_superuser: run this again with the master user's URL",
      },
    ]
  }
  if (MANAGED.test(host)) return []
  return [
    { when: "now", why: "slots are kept for superusers: run this again with a superuser's URL" },
    {
      when: "now",
      why: "or, where reserved_connections is set (PostgreSQL 16 and later), with that of a member of pg_use_reserved_connections",
    },
  ]
}
