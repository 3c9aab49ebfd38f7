// `docs/settings.md`, from the option table.
import { environmentTable } from "./environment-table.ts"

export function settingsPage(): string {
  return `# Settings

Every environment variable that this package reads, and which value takes precedence when several are set. For the person who
deploys a service. This page is written from \`src/config/options.ts\` by \`npm run docs\`.

${environmentTable()}

Everything else is a parameter of the connection URL: [url-parameters.md](url-parameters.md) has all of them.

## One database, or several

Without a name, the variables are the ones above: \`DATABASE_URL\` and \`PRISMA_POOL_SIZE\`. A database with a name has them with a suffix:

| in code | URL | size |
| --- | --- | --- |
| \`createPrismaClient(PrismaClient)\` | \`DATABASE_URL\` | \`PRISMA_POOL_SIZE\` |
| \`createPrismaClient(PrismaClient, { database: "BILLING" })\` | \`DATABASE_URL_BILLING\` | \`PRISMA_POOL_SIZE_BILLING\` |
| \`createCoreClient(PrismaClient)\`, the same with \`database: "CORE"\` | \`DATABASE_URL_CORE\` | \`PRISMA_POOL_SIZE_CORE\` |
| \`createReplicaClient(PrismaClient, prismaCore)\` | \`DATABASE_URL_CORE_REPLICA\` | \`PRISMA_POOL_SIZE_CORE_REPLICA\`, else the primary's |
| \`createAnalyticsClient(PrismaClient)\` | \`DATABASE_URL_ANALYTICS\` | none: [left alone](guarantees.md#the-analytics-client) |

- \`prismaAdapter\`, \`withPrismaClient\` and \`databaseUrl\` take \`database\` in the same way. \`coreAdapter\`, \`withCoreClient\` and
  \`coreDatabaseUrl\` are these with \`"CORE"\`.
- A name has capitals, digits and \`_\`, a capital first. It is not \`REPLICA\`, and does not end in \`_REPLICA\`.
- **URL and size have no fallback.** A size meant for one database would otherwise open connections to another. Where only
  \`PRISMA_POOL_SIZE\` is set, and \`DATABASE_URL\` is not, a database with a name warns that its own size is missing.
- **Every other variable falls back** to the one without the suffix: \`PRISMA_POOL_TIMEOUT_BILLING\`, then \`PRISMA_POOL_TIMEOUT\`.
- A replica has a URL of its own. Everything else is its primary's, where it has none.
- \`readPoolSettings()\` without a \`database\` takes Core where \`DATABASE_URL_CORE\` is set, and \`DATABASE_URL\` otherwise.

## Which value counts

**The pool size** is the first that is present of:

1. \`PRISMA_POOL_SIZE\`;
2. \`connection_limit\` in the URL;
3. the [formula by slots](sizing.md#two-formulas) on \`PRISMA_MAX_CONNECTIONS\`, \`PRISMA_API_INSTANCES\` and \`PRISMA_CONCURRENT_JOBS\`: set all
   three, or none;
4. 15.

**Every other setting** is its variable, else the URL's parameter, else the default. An empty variable is unset. The defaults are the same
in \`createPrismaClient\`, \`poolConfigFromUrl\` and \`createPool\`. None of them depends on the number of processors.

\`PRISMA_RECONNECT_TIMEOUT\`, \`PRISMA_POOL_MIN_IDLE\`, \`PRISMA_POOL_MAX_WAITING\` and \`PRISMA_POOL_LEAK_THRESHOLD\` have no parameter in the URL.
\`createPool\`, which reads no environment, has them as options:
\`createPool(url, { reconnectTimeout: 45, minIdle: 2, maxWaiting: 100, leakThreshold: 60 })\`. [waiting.md](waiting.md) has what callers wait
for, how long, and [what is reported](waiting.md#a-connection-that-is-held-too-long) of a connection that is held too long.

## A size that follows the instances

\`PRISMA_POOL_SIZE=auto\` has no parameter in the URL either. The size is then this process's share of what all living instances may
have together: what the server's limit for the role or the database allows, or \`PRISMA_POOL_BUDGET\` where that is less.

- It is never more than \`PRISMA_POOL_MAX_SIZE\`, else \`connection_limit\` in the URL, else 15. The formula by slots is not used.
- Where it cannot follow the others (behind a pooler, as a superuser) it is \`connection_limit\`, else 15, and no more than that most.
- \`PRISMA_POOL_MAX_SIZE\` and \`PRISMA_POOL_BUDGET\` have no fallback either, and without \`auto\` they do nothing, with a warning.
- [auto.md](auto.md) has when to use it, and what it asks of the server.
- \`databaseUrl()\` and \`coreDatabaseUrl()\` throw: no URL can say it. \`createPool\` has it as options:
  \`createPool(url, { poolSize: "auto", maxSize: 20, budget: 60 })\`.

## What is refused

Anything but a whole number in range is refused, with the variable's name and the value. All problems come at once:

\`\`\`text
PoolConfigError: PRISMA_POOL_SIZE_CORE: received "15abc". Use a whole number of connections from 1 to 10000, or auto, or leave it out for 15.
PRISMA_POOL_TIMEOUT: received "-1". Use a whole number of seconds from 0 to 2147483, or leave it out for 20.
\`\`\`

- **A setting that is present and invalid** throws where the client is made.
- **A URL that is missing** is read again at first use. A unit test or a build may therefore import your \`prisma.ts\` without a
  database. \`$connect()\` or the first query rejects then, and the error names variables that are set and look like the missing one.
- **A fleet that does not fit its server** starts all the same, with one process warning that shows the sum.

## A name for each service

Set \`PRISMA_APPLICATION_NAME\` for each service and job (\`api-production\`, \`job-import-missions\`). It is what \`pg_stat_activity\` shows. At three
in the morning it tells you who holds the connections. With a version in it (\`api@1.4.2\`), [\`inspect\`](monitoring.md#inspect) shows old and
new instances of a deploy apart.

## In code

Beside Prisma's own options, \`createPrismaClient\`, \`createCoreClient\`, \`withPrismaClient\`, \`withCoreClient\` and the adapters take:

| option | default | meaning |
| --- | --- | --- |
| \`database\` | – | the suffix of the variables; not of the Core functions, which have their own |
| \`env\` | \`process.env\` | where the variables are read from: for tests |
| \`password\` | the URL's | a function, asked at each new connection: for tokens that rotate |
| \`prismaPg\` | – | options of \`PrismaPg\`, such as \`statementNameGenerator\`; its \`schema\` overrides the URL's for generated SQL |
| \`onPool\` | – | called with the \`pg.Pool\` when it is made, and again with the next one after \`$disconnect()\`. Never end that pool: \`$disconnect()\` does |
| \`warm\` | \`false\` | \`$connect()\` waits until the \`PRISMA_POOL_MIN_IDLE\` connections are open: [connections.md](connections.md) |

\`adapter\`, \`accelerateUrl\`, \`datasources\` and \`datasourceUrl\` are refused, with what to do instead.
`
}
