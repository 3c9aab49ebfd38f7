import { Command, Option } from "commander"
import { CORE, urlVariable } from "../config/database-variables.ts"
import { fillRule } from "../sizing/fleet-rules.ts"
import type { BaselineFlags } from "./commands/baseline.ts"
import type { DashboardFlags } from "./commands/dashboard.ts"
import type { PlanFlags } from "./commands/plan.ts"
import type { PreflightFlags } from "./commands/preflight.ts"
import type { UrlFlags } from "./commands/url.ts"
import { CHECK_FLAGS, type CheckFlags, formatFlag } from "./input/check-flags.ts"
import { databaseFlag, variableOf } from "./input/database-flag.ts"
import type { Flag } from "./input/flag.ts"
import { integerOf, percentOf, secondsOf, shareOf, variableName, WATCH_SECONDS } from "./input/flag-values.ts"
import { FLEET_FLAGS } from "./input/fleet-flags.ts"
import { consoleOf } from "./input/inspect-poolers.ts"
import type { InspectFlags } from "./input/inspect-server.ts"
import type { ExitCode, Io } from "./io.ts"
import { line } from "./output/line.ts"

/** The width of help in a pipe. */
const HELP_WIDTH = 100

/** Builds the command line. A command's code is loaded only when it runs, so that `--help` is fast. */
export function programOf(io: Io, version: string, ended: (exitCode: ExitCode) => void): Command {
  const program = new Command("prisma-pool")
    .description("Prisma connection pools that fit your PostgreSQL: size them, and check that they fit.")
    .version(version)
    .configureOutput({
      writeOut: io.stdout,
      writeErr: io.stderr,
      outputError: (text, write) => write(`${errorLine(text)}\n`),
      getOutHelpWidth: () => io.columns ?? HELP_WIDTH,
    })
    .exitOverride()
    .showHelpAfterError("(see --help)")
    .helpCommand(false)
    .addHelpText("after", EXAMPLES.program)

  withFleetFlags(program.command("plan"))
    .description("The pool size of each consumer, so that the whole fleet fits its server")
    .addOption(optionOf(formatFlag("text", "env", "json", "markdown", "sql", "pgbouncer")))
    .addOption(
      new Option(
        "--fill <share>",
        `the share of the usable slots to fill, 0.01 to 1 (default: ${fillRule.default}, the alert threshold)`,
      ).argParser(shareOf),
    )
    .option(
      "--for <consumer>",
      "only this consumer or job; of several poolers, the one of this name or in front of it",
    )
    .addHelpText("after", EXAMPLES.plan)
    .action(async (flags: PlanFlags) => ended(await (await import("./commands/plan.ts")).plan(flags, io)))

  withFlags(program.command("check"), CHECK_FLAGS)
    .description("Check that the fleet fits its server: exit 0 if it does, 1 if not, 2 if that is unknown")
    .addHelpText("after", EXAMPLES.check)
    .action(async (flags: CheckFlags) => ended(await (await import("./commands/check.ts")).check(flags, io)))

  withFleetFlags(program.command("baseline"))
    .description(
      "Write pool.baseline.json: the acknowledged unknowns of the documents, and the counted resources",
    )
    .option("--reason <text>", "why new unknowns may be left out; earlier ones keep their reason")
    .addHelpText("after", EXAMPLES.baseline)
    .action(async (flags: BaselineFlags) =>
      ended(await (await import("./commands/baseline.ts")).baseline(flags, io)),
    )

  withFleetFlags(withConnectFlags(program.command("inspect")))
    .description("Show which applications use the server's connections, and how close it is to its limit")
    .addOption(optionOf(formatFlag("text", "json", "markdown")))
    .addOption(new Option("--fail-above <percent>", "exit 1 when more is in use").argParser(percentOf))
    .option("--strict", "also exit 1 for undeclared connections")
    .addOption(
      new Option(
        "--watch [interval]",
        `refresh every ${WATCH_SECONDS}s, or the interval you give, such as 30s`,
      ).argParser(secondsOf),
    )
    .addOption(
      new Option("--for <duration>", "watch for this long, such as 24h, and end with a verdict").argParser(
        secondsOf,
      ),
    )
    .addOption(
      new Option("--tolerate <n>", "how many checks of a watch may get no answer (default: 0)").argParser(
        integerOf({ description: "how many checks may get no answer", min: 0, max: 1_000_000 }),
      ),
    )
    .addHelpText("after", EXAMPLES.inspect)
    .action(async (flags: InspectFlags) =>
      ended(await (await import("./commands/inspect.ts")).inspect(flags, io)),
    )

  withFleetFlags(withConnectFlags(program.command("preflight")))
    .description("Check that a deploy of the declared fleet fits the server as it is now: exit 1 if not")
    .addOption(optionOf(formatFlag("text", "json")))
    .addHelpText("after", EXAMPLES.preflight)
    .action(async (flags: PreflightFlags) =>
      ended(await (await import("./commands/preflight.ts")).preflight(flags, io)),
    )

  program
    .command("url")
    .description("Print a database's URL with its pool settings from this environment, without its password")
    .addOption(optionOf(databaseFlag(`which database (default: ${USUAL})`, variableOf)))
    .addOption(
      new Option("--connect <variable>", "the variable that holds the URL, of any name").argParser(
        variableName,
      ),
    )
    .option("--env-file <file>", ENV_FILE)
    .option("--libpq", "for psql and pg_dump, which refuse Prisma's parameters")
    .option("--show-password", "the URL to connect with, password included")
    .addHelpText("after", EXAMPLES.url)
    .action(async (flags: UrlFlags) => ended(await (await import("./commands/url.ts")).url(flags, io)))

  program
    .command("dashboard")
    .description("Print a Grafana dashboard, alert rules for Prometheus, or SQL for Metabase")
    .addOption(
      new Option("--format <format>", "which of them to print").choices(["grafana", "alerts", "sql"]),
    )
    .addHelpText("after", EXAMPLES.dashboard)
    .action(async (flags: DashboardFlags) =>
      ended((await import("./commands/dashboard.ts")).dashboard(flags, io)),
    )

  return program
}

/** Makes one line of an error of commander, which quotes what was typed. Its own suggestion keeps its line. */
function errorLine(text: string): string {
  const [, error = text, suggestion = ""] = /^(.*?)(\n\(Did you mean [^\n]*\))?\n$/s.exec(text) ?? []
  return `${line(error)}${suggestion}`
}

const withFlags = (command: Command, flags: readonly Flag[]): Command =>
  flags.map(optionOf).reduce((made, option) => made.addOption(option), command)

const withFleetFlags = (command: Command): Command => withFlags(command, FLEET_FLAGS)

function optionOf(flag: Flag): Option {
  const option = new Option(flag.usage, flag.description)
  if (flag.choices !== undefined) option.choices(flag.choices)
  if (flag.default !== undefined) option.default(flag.default)
  if (flag.read !== undefined) option.argParser((text, before: unknown) => flag.read?.(text, before))
  return option
}

function withConnectFlags(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--connect <variable>",
        `the variable that holds the URL to connect with (default: ${USUAL})`,
      ).argParser(variableName),
    )
    .addOption(
      new Option(
        "--console <[pooler=]variable>",
        "the variable that holds the URL of PgBouncer's console, to ask it too; again for each process",
      ).argParser(consoleOf),
    )
    .option("--env-file <file>", ENV_FILE)
}

const USUAL = `${urlVariable(CORE)} if it is set, else ${urlVariable(undefined)}`

const ENV_FILE = "a file in .env format, for variables that are not set in the environment"

const EXAMPLES = {
  program: `
Examples:
  prisma-pool check --max-connections 100 --reserved metabase=10 --consumer api=4x20 --consumer jobs=5x8
  prisma-pool plan --max-connections 100 --consumer api=3 --consumer worker=2
  terraform show -json tfplan | prisma-pool check --terraform -
  prisma-pool inspect --fail-above 80
  prisma-pool url`,
  plan: `
Examples:
  prisma-pool plan                                     the fleet of pool.config.json
  prisma-pool plan --max-connections 100 --reserved metabase=10 --consumer api=3 --consumer worker=2x5
  prisma-pool plan --terraform plan.json --format markdown
  prisma-pool plan --for api --format env >> api/.env
  prisma-pool plan --format sql > limits.sql           what the server enforces, by role
  prisma-pool plan --format pgbouncer > pgbouncer.ini  the pooler of the fleet, with its SQL and its clients' URLs

A consumer without a size (api=3) is planned, one with a size (worker=2x5) stays as it is. Consumers of Terraform
documents of every format are all planned. Without +SURGE, a consumer's instances count twice during a
deploy.

Exit code: 0 if there are sizes that fit, 1 if there are none, 2 if the documents leave too much unknown, 3 for bad
input.`,
  check: `
Examples:
  prisma-pool check                                    the fleet of pool.config.json
  prisma-pool check --max-connections 100 --reserved metabase=10 --consumer api=4x20 --consumer jobs=5x8
  terraform show -json tfplan | prisma-pool check --terraform - --format github
  kubectl kustomize overlays/prod | prisma-pool check --kubernetes -
  docker compose --profile '*' config --format json | prisma-pool check --compose -
  doctl apps spec get APP_ID | prisma-pool check --app-spec - --max-connections 50
  prisma-pool check --terraform api.json --terraform jobs.json --config pool.config.json --strict
  prisma-pool check --pgbouncer pgbouncer.ini --behind api --max-connections 100 --consumer api=20x5
  git show origin/main:pool.config.json > base.json && prisma-pool check --base base.json
  prisma-pool check --link                             and the link to try other numbers in the calculator

Platforms, by Terraform plans: Scaleway, Cloud Run with Cloud SQL, Amazon ECS, AWS Lambda, AWS App Runner, Amazon RDS and
Aurora, Azure Container Apps, App Service, Functions and Database for PostgreSQL, DigitalOcean, Kubernetes. By their own
files: Kubernetes, Docker Compose, Render, DigitalOcean. Anything else that has the variable is named. What is read and
assumed of each: docs/ci.md.

The sum is computed twice, with every unknown at its lowest and at its highest. Assumptions are listed, and never
fail. Without +SURGE, a consumer's instances count twice during a deploy.

With --base, every change since then that can lower the sum or raise the ceiling is listed. The flags apply to both.

Exit code: 0 if the highest sum fits, 1 if the lowest does not, or something is relaxed since --base without
--accept, 2 if it depends on unknowns, 3 for bad input.`,
  baseline: `
Examples:
  prisma-pool baseline --terraform plan.json --reason "the legacy batch server, 5 connections in reserved"

An acknowledged unknown adds nothing and is shown. A new cause, or more of one, exits with 2 again. So does a counted
resource that still exists but no longer connects. A ceiling, a size or a number of instances is never acknowledged.

Exit code: 0 if it was written, 3 for bad input, a missing reason included.`,
  inspect: `
Examples:
  prisma-pool inspect                                  with DATABASE_URL_CORE, compared with pool.config.json if it exists
  prisma-pool inspect --connect MONITORING_URL --fail-above 80
  prisma-pool inspect --format markdown                for the incident's channel, or an issue
  prisma-pool inspect --console PGBOUNCER_CONSOLE_URL  the pooler too: its clients, who waits, what its pools use
  prisma-pool inspect --watch
  prisma-pool inspect --watch 30s --for 24h            staging first: ends with the peak, waits, refusals and a verdict

The URL is read from the environment, so that its password is in no process list. Nothing is changed on the
server: suggestions are printed as SQL.

A watch on a terminal has keys: up, down, PgUp, PgDn, Home and End scroll, p pauses the screen while checks go on, and
q quits as Ctrl-C does. What was on the screen stays there, above the summary.

A URL with the database pgbouncer leads to PgBouncer's console, and asks that alone. One console is one process.

Exit code: 0; 1 if the server is full (100 % of what this role may use, or SQLSTATE 53300), or PgBouncer (it takes no more
clients, or they wait while a pool has all of its connections in use), above --fail-above, and with --strict for undeclared
connections; 2 if the server cannot be asked, 3 for bad input. A watch: 1 if any check
would be, 2 if more checks than --tolerate got no answer, 130 if it is interrupted before --for is over.`,
  preflight: `
Examples:
  prisma-pool preflight                                the fleet of pool.config.json
  prisma-pool preflight --connect MONITORING_URL --consumer api=4x10 --reserved metabase=10    without a declaration

With --console, the clients of PgBouncer count too: max(declared, connected) + undeclared + surge, within 80 % of what its
processes take.

Fits if max(declared, in use) + undeclared + surge is within the connections that ordinary roles may use, within
the CONNECTION LIMIT of every database and role that the fleet uses, and within the declared limits. If no
max_connections is declared, the server's counts. Of a size that is auto, the limit of its role must be its budget.

Exit code: 0 if it fits, 1 if not, 2 if the server cannot be asked or the documents have what cannot be counted, 3 for
bad input.`,
  url: `
Examples:
  prisma-pool url
  prisma-pool url --env-file .env
  psql "$(prisma-pool url --libpq --show-password)"`,
  dashboard: `
Examples:
  prisma-pool dashboard                                lists the formats
  prisma-pool dashboard --format grafana > dashboard.json
  prisma-pool dashboard --format alerts > alerts.yml
  prisma-pool dashboard --format sql > questions.sql`,
} as const
