// `docs/url-parameters.md`, from the option table.
import { allowed, type Option } from "../src/config/option.ts"
import { MARKERS, UNSUPPORTED_PARAMETERS } from "../src/config/url-options.ts"
import { URL_PARAMETERS, type UrlOption } from "../src/config/url-values.ts"
import { meaningOf } from "./environment-table.ts"
import { markdownTable } from "./markdown-table.ts"

export function urlParametersPage(): string {
  return `# The parameters of a connection URL

The effect of each parameter of a connection URL on \`createPrismaClient\`, \`prismaAdapter\`, their Core versions, \`createPool\` and
\`poolConfigFromUrl\`. For the person who writes that URL, or has one from a provider. This page is written from \`src/config/options.ts\` by \`npm run docs\`.

A value outside its range is an error that names the parameter. A parameter that is misspelt, unknown, given twice, without
effect or in conflict with another is a warning at run time, and an error with \`poolConfigFromUrl(url, { strict: true })\`, which is
one line in a unit test. Names are case-sensitive, the last of two equal ones counts, and \`%20\` and \`+\` are both a space, as in
Prisma 6. An empty string is unset. What is set by environment variables as well is in [settings.md](settings.md).

${markdownTable(
  ["parameter", "values", "default", "meaning", "what it becomes", "elsewhere"],
  URL_PARAMETERS.map((row) => [
    `\`${row.parameter}\``,
    valuesOf(row),
    "default" in row && row.default !== undefined ? `\`${row.default}\`` : "–",
    meaningOf(row),
    row.mapsTo ?? "",
    row.inPrisma ?? "",
  ]),
)}

## TLS

- **\`sslmode\` absent, or \`prefer\`**: TLS where the server has it, plain text where it has none. It is opportunistic, so the certificate
  is verified only with \`sslaccept=strict\`. A TLS handshake that fails is an error, never a reason for plain text.
  A server that has no TLS and asks for the password in clear text gets it, with a warning unless it is on the loopback interface or a
  Unix socket. \`strict\` only reads the URL and asks no server, so it cannot warn of this. \`sslmode=disable\` allows it explicitly.
- **\`sslmode=require\` verifies** the certificate's chain and host name. Prisma 6 and libpq do not, plain Prisma 7 does. Without
  verifying, a man in the middle can answer in place of the database.
  Where the CA is private the connection fails with \`P1011\`, whose text names both ways out: \`sslcert=ca.pem\` trusts the CA,
  \`sslaccept=accept_invalid_certs\` encrypts without verifying, as before.
- **What is trusted**: the CAs of \`sslcert\` or \`sslrootcert\`, and no others (Prisma 6 added \`sslcert\` to the system's); without them Node's own, with those of
  \`NODE_EXTRA_CA_CERTS\` and, from Node 22.15 on, the system's.
- **\`sslrootcert=system\`** verifies chain and host name where \`sslmode\` is not set, as in libpq 16, and is an error with settings that verify less.
- **\`verify-ca\`** leaves out the host name only where the CA is named: any host can have a certificate of a public CA.
- **Paths** start at the working directory, then at \`./prisma\`. Files are read once, when the client is made.
- **\`channel_binding\`** is on by default, as in Prisma 6: a man in the middle cannot relay a login over TLS, even where the
  certificate is not verified. node-postgres knows no binding for a few kinds of certificate (Ed25519, Ed448): \`disable\` is the way out.

## What node-postgres cannot do

- \`statement_cache_size\`: on and off, and an upper bound for each client. Nothing is ever evicted: it keeps the first statements used, not
  the last. Those beyond the bound are sent without a name, as all are without the parameter.
- \`socket_timeout\` covers statements. A connection being opened has \`connect_timeout\`, a caller in the queue \`pool_timeout\`. If the network freezes
  after a query was sent, the query is bounded by \`socket_timeout\` alone: without it, by TCP.
- \`PGOPTIONS\` and \`PGSSLMODE\` are not read: a stray one would override the URL.
- \`max_idle_connection_lifetime\` closes an idle connection when its time is over; Prisma 6 checked only when the connection was next needed.

Known to other software, and without effect here:

${markdownTable(
  ["parameter", "why, or what to do"],
  Object.entries(UNSUPPORTED_PARAMETERS).map(([name, reason]) => [`\`${name}\``, reason]),
)}

## Behind PgBouncer

With \`pgbouncer=true\` nothing is sent when a connection starts that PgBouncer would refuse: no settings in \`options\`, no \`search_path\`, no
\`statement_timeout\`. Options that route the connection stay: of \`options=endpoint=ep-1 -c work_mem=8MB\`, \`endpoint=ep-1\`
is sent (Neon), and so are \`reference=…\` (Supabase) and \`databaseid=…\` (Scaleway). Generated SQL names its schema in any case. For raw SQL, one of

\`\`\`sql
ALTER ROLE app IN DATABASE core SET search_path = tenant;
BEGIN; SET LOCAL search_path = tenant; SELECT …; COMMIT;
\`\`\`

A session \`SET\` is never sent: in transaction mode the next client of that server connection would inherit it, and read
another tenant's rows. Without the parameter, a pooler that refuses start-up options is an error that names \`pgbouncer=true\`.

## A search_path that is wider than the schema

\`schema=app\` gives raw SQL the search_path \`"app"\`. Where types of an extension live in another schema, write both:
\`schema=app&options=-c%20search_path%3Dapp,extensions\`. Raw SQL then has \`app, extensions\`, and generated SQL goes on naming \`app\`. A
search_path without the schema does not count, and is a warning.

## Sockets

\`?host=/var/run/postgresql\` names the directory of a Unix socket, with \`localhost\` or nothing before the path. Before the path its
characters are escaped: \`@%2Fcloudsql%2Fproject%3Aregion%3Ainstance/db\`. It is the directory, not the file \`.s.PGSQL.5432\` in it, and both
together have at most 107 bytes. Google Cloud gives an instance at most 100 connections through \`/cloudsql\`.

## URLs of providers

\`strict\` passes what Azure, Cloud SQL, DigitalOcean, Heroku, Neon, RDS, Scaleway and Supabase print in their consoles and guides
(\`test/config/provider-urls.test.ts\` has them all), but for these:

${markdownTable(
  ["in the guide", "what to change", "why"],
  [
    [
      "Scaleway, Prisma: `pool_timeout=10&connect_timeout=10`",
      "leave out `pool_timeout`",
      "it would end with the opening of a connection that was begun at once, and before any other",
    ],
    ["Neon, Prisma: `connect_timeout=15&pool_timeout=15`", "leave out `pool_timeout`", "the same"],
    [
      "Cloud SQL, Python: `?host=/cloudsql/…/.s.PGSQL.5432`",
      "leave out `/.s.PGSQL.5432`",
      "node-postgres adds the name of the file",
    ],
  ],
)}

${MARKERS.map((name) => `\`${name}\``).join(" and ")}, which Supabase's integrations write, are marks that no software reads: they may stay.
\`sslmode=require\` against a CA of the provider's own (DigitalOcean, Heroku, RDS, Scaleway, Supabase) passes \`strict\`, and fails when it connects, with a
\`P1011\` that says how to name the CA.
`
}

function valuesOf(row: UrlOption): string {
  const option: Option = row
  if (option.kind !== "number") return allowed(option)
  const unit = option.unit === "port" ? "" : ` ${option.unit}`
  return `${option.min.toLocaleString("en-US")} to ${option.max.toLocaleString("en-US")}${unit}`
}
