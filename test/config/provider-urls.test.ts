import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { rootCertificates } from "node:tls"
import { afterAll, describe, expect, test } from "vitest"
import { PoolConfigError, poolConfigFromUrl } from "../../src/index.ts"

/**
 * The URLs that providers print in their consoles and guides, with names, hosts and passwords replaced. `<ca>` is the
 * file that the guide says to download.
 */
const PASSES: readonly (readonly [provider: string, where: string, url: string])[] = [
  [
    "Scaleway",
    "Managed Database, console",
    "postgresql://app:pw@51.159.0.1:18452/rdb?sslmode=verify-full&sslrootcert=<ca>",
  ],
  ["Scaleway", "Managed Database, Terraform", "postgresql://app:pw@51.159.0.1:18452/rdb"],
  [
    "Scaleway",
    "Serverless SQL, console",
    "postgres://15ad0be1-5610-8b4c-8276-f4f38e1f7895:pw@a1b2.pg.sdb.fr-par.scw.cloud:5432/app?sslmode=require",
  ],
  [
    "Scaleway",
    "Serverless SQL, without SNI",
    "postgres://id:pw@a1b2.pg.sdb.fr-par.scw.cloud:5432/app?sslmode=require&options=databaseid%3Da1b2",
  ],
  [
    "Scaleway",
    "Serverless SQL, guide to TLS",
    "postgresql://id:pw@a1b2.pg.sdb.fr-par.scw.cloud:5432/app?sslmode=verify-full&sslrootcert=system",
  ],
  [
    "Scaleway",
    "Serverless SQL, guide to TLS with a file",
    "postgresql://id:pw@a1b2.pg.sdb.fr-par.scw.cloud:5432/app?sslmode=verify-ca&sslrootcert=<ca>",
  ],
  [
    "Scaleway",
    "Serverless SQL, guide to Prisma",
    "postgresql://id:pw@a1b2.pg.sdb.fr-par.scw.cloud:5432/app?sslmode=require&sslaccept=strict",
  ],
  [
    "Neon",
    "console, pooled",
    "postgresql://neondb_owner:pw@ep-cool-1-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require&channel_binding=require",
  ],
  [
    "Neon",
    "console, direct",
    "postgresql://neondb_owner:pw@ep-cool-1.eu-central-1.aws.neon.tech/neondb?sslmode=require&channel_binding=require",
  ],
  [
    "Neon",
    "guide to Prisma, pooled",
    "postgres://app:pw@ep-cool-1-pooler.us-east-2.aws.neon.tech/neondb?sslmode=require&pgbouncer=true",
  ],
  [
    "Neon",
    "guide to Prisma, connect timeout",
    "postgres://app:pw@ep-cool-1.us-east-2.aws.neon.tech/neondb?connect_timeout=10",
  ],
  [
    "Neon",
    "guide to Prisma, a longer one",
    "postgres://app:pw@ep-cool-1.us-east-2.aws.neon.tech/neondb?connect_timeout=30",
  ],
  [
    "Neon",
    "guide to Prisma, pool timeout",
    "postgres://app:pw@ep-cool-1.us-east-2.aws.neon.tech/neondb?connect_timeout=15&pool_timeout=20",
  ],
  [
    "Neon",
    "clients without SNI",
    "postgresql://app:pw@ep-cool-1.us-east-2.aws.neon.tech/neondb?sslmode=require&options=endpoint%3Dep-cool-1",
  ],
  [
    "Neon",
    "Vercel's integration",
    "postgres://default:pw@ep-cool-1-pooler.us-east-1.aws.neon.tech/verceldb?pgbouncer=true&connect_timeout=15&sslmode=require",
  ],
  ["Supabase", "console, direct", "postgresql://postgres:pw@db.abcd.supabase.co:5432/postgres"],
  [
    "Supabase",
    "console, session pooler",
    "postgresql://postgres.abcd:pw@aws-0-eu-west-3.pooler.supabase.com:5432/postgres",
  ],
  [
    "Supabase",
    "console, Prisma",
    "postgresql://postgres.abcd:pw@aws-0-eu-west-3.pooler.supabase.com:6543/postgres?pgbouncer=true",
  ],
  [
    "Supabase",
    "guide to Prisma on serverless",
    "postgresql://postgres.abcd:pw@aws-0-eu-west-3.pooler.supabase.com:6543/postgres?pgbouncer=true&connection_limit=1",
  ],
  [
    "Supabase",
    "pool timeout, by reference",
    "postgresql://postgres:pw@aws-0-eu-west-3.pooler.supabase.com:6543/postgres?options=reference%3Dabcd&connection_limit=1&pool_timeout=30&pgbouncer=true",
  ],
  [
    "Supabase",
    "Vercel's integration",
    "postgres://postgres.abcd:pw@aws-0-us-east-1.pooler.supabase.com:6543/postgres?sslmode=require&supa=base-pooler.x",
  ],
  [
    "Supabase",
    "Vercel's integration, Prisma",
    "postgres://postgres.abcd:pw@aws-0-us-east-1.pooler.supabase.com:6543/postgres?sslmode=require&pgbouncer=true",
  ],
  [
    "Supabase",
    "Vercel's integration, before",
    "postgres://postgres.abcd:pw@aws-0-us-east-1.pooler.supabase.com:6543/postgres?workaround=supabase-pooler.vercel",
  ],
  [
    "Heroku",
    "DATABASE_URL",
    "postgres://u1a2b3c4d5e6f7:p0123456789abcdef@ec2-1-2-3-4.compute-1.amazonaws.com:5432/d1a2b3c4d5e6f7",
  ],
  [
    "Heroku",
    "outside of Heroku",
    "postgres://u1a2b3c4d5e6f7:p01@ec2-1-2-3-4.compute-1.amazonaws.com:5432/d1?sslmode=require",
  ],
  [
    "Heroku",
    "guide to Node.js",
    "postgres://u1a2b3c4d5e6f7:p01@ec2-1-2-3-4.compute-1.amazonaws.com:5432/d1?sslmode=no-verify",
  ],
  ["Heroku", "PgBouncer's buildpack", "postgres://u1:p01@127.0.0.1:6000/db1?pgbouncer=true"],
  [
    "Azure",
    "Flexible Server, console",
    "postgresql://app:pw@server.postgres.database.azure.com:5432/postgres?sslmode=require",
  ],
  [
    "Azure",
    "Flexible Server, its PgBouncer",
    "postgresql://app:pw@server.postgres.database.azure.com:6432/postgres?sslmode=require&pgbouncer=true",
  ],
  [
    "Azure",
    "Single Server, guide to Node.js",
    "postgres://app@server:pw@server.postgres.database.azure.com:5432/db?ssl=true",
  ],
  [
    "Azure",
    "Cosmos DB for PostgreSQL",
    "postgres://citus:pw@c-app.a1b2.postgres.cosmos.azure.com:5432/citus?sslmode=require",
  ],
  [
    "Azure",
    "guide to TLS",
    "postgresql://app:pw@server.postgres.database.azure.com:5432/postgres?sslmode=verify-full&sslrootcert=<ca>",
  ],
  [
    "DigitalOcean",
    "console",
    "postgresql://doadmin:pw@db-app-do-user-1-0.b.db.ondigitalocean.com:25060/defaultdb?sslmode=require",
  ],
  [
    "DigitalOcean",
    "console, connection pool",
    "postgresql://doadmin:pw@db-app-do-user-1-0.b.db.ondigitalocean.com:25061/app-pool?sslmode=require",
  ],
  [
    "DigitalOcean",
    "guide, with the CA",
    "postgresql://doadmin:pw@private-db-app-do-user-1-0.b.db.ondigitalocean.com:25060/defaultdb?sslmode=verify-full&sslrootcert=<ca>",
  ],
  ["RDS", "console", "postgresql://postgres:pw@app.a1b2.eu-west-1.rds.amazonaws.com:5432/postgres"],
  [
    "RDS",
    "guide to TLS",
    "postgresql://postgres:pw@app.a1b2.eu-west-1.rds.amazonaws.com:5432/postgres?sslmode=verify-full&sslrootcert=<ca>",
  ],
  [
    "RDS",
    "Prisma's guide to TLS",
    "postgresql://postgres:pw@app.a1b2.eu-west-1.rds.amazonaws.com:5432/postgres?schema=public&sslmode=require&sslcert=<ca>",
  ],
  [
    "RDS",
    "RDS Proxy",
    "postgresql://app:pw@app.proxy-a1b2.eu-west-1.rds.amazonaws.com:5432/postgres?sslmode=require",
  ],
  [
    "Cloud SQL",
    "socket, Prisma",
    "postgresql://app:pw@localhost/db?host=/cloudsql/project:europe-west1:instance",
  ],
  [
    "Cloud SQL",
    "socket, Google's guides",
    "postgresql://app:pw@/db?host=/cloudsql/project:europe-west1:instance",
  ],
  [
    "Cloud SQL",
    "socket in place of the host",
    "postgresql://app:pw@%2Fcloudsql%2Fproject%3Aeurope-west1%3Ainstance/db",
  ],
  ["Cloud SQL", "Auth Proxy", "postgresql://app:pw@127.0.0.1:5432/db?sslmode=disable"],
  [
    "Cloud SQL",
    "private IP, client certificate",
    "postgresql://app:pw@10.1.2.3:5432/db?sslmode=require&sslaccept=accept_invalid_certs",
  ],
]

/** Those that cannot mean what they say, and the one thing to change. */
const SAYS: readonly (readonly [provider: string, where: string, url: string, message: string])[] = [
  [
    "Scaleway",
    "Serverless SQL, guide to Prisma's timeouts",
    "postgresql://id:pw@a1b2.pg.sdb.fr-par.scw.cloud:5432/app?pool_timeout=10&connect_timeout=10",
    "Leave out pool_timeout",
  ],
  [
    "Neon",
    "guide to Prisma's timeouts",
    "postgres://app:pw@ep-cool-1.us-east-2.aws.neon.tech/neondb?connect_timeout=15&pool_timeout=15",
    "Leave out pool_timeout",
  ],
  [
    "Cloud SQL",
    "socket, Python's guides",
    "postgresql://app:pw@/db?host=/cloudsql/project:europe-west1:instance/.s.PGSQL.5432",
    "Leave out the file's name",
  ],
]

const directory = mkdtempSync(join(tmpdir(), "provider-urls-"))
const ca = join(directory, "ca.pem")
writeFileSync(ca, rootCertificates[0] as string)
afterAll(() => rmSync(directory, { recursive: true }))

const strict = (url: string) => poolConfigFromUrl(url.replace("<ca>", ca), { strict: true })

describe("strict passes what providers print", () => {
  test.each(PASSES)("%s: %s", (_provider, _where, url) => {
    expect(() => strict(url)).not.toThrow()
  })
})

describe("strict says which parameter to change", () => {
  test.each(SAYS)("%s: %s", (_provider, _where, url, message) => {
    expect(() => strict(url)).toThrow(PoolConfigError)
    expect(() => strict(url)).toThrow(message)
  })

  test.each(SAYS.filter(([, , url]) => url.includes("pool_timeout")))(
    "and passes without it. %s: %s",
    (_provider, _where, url) => {
      expect(() => strict(url.replace(/&?pool_timeout=[0-9]+&?/, ""))).not.toThrow()
    },
  )
})
