import { type DatabaseUrl, urlText } from "../../config/database-url.ts"
import { CORE, type DatabaseName, databaseOf, urlVariable } from "../../config/database-variables.ts"
import { defaultDatabase, type Environment } from "../../config/environment.ts"
import { libpqUrl } from "../../config/libpq-url.ts"
import { redactedText } from "../../config/redact-url.ts"
import { readSettings, type Settings } from "../../config/settings.ts"
import { sizedUrl, urlWith } from "../../config/url-with-settings.ts"
import { escapeUnsafe } from "../../error.ts"
import { environmentWith, inVariable } from "../input/read-environment.ts"
import { EXIT, type ExitCode, type Io } from "../io.ts"

export interface UrlFlags {
  /** The variable that holds the URL of the database by its name. */
  readonly database?: string
  /** The variable that holds the URL. */
  readonly connect?: string
  readonly envFile?: string
  readonly libpq?: boolean
  readonly showPassword?: boolean
}

/** Runs `prisma-pool url`. */
export async function url(
  { database, connect, envFile, libpq, showPassword }: UrlFlags,
  io: Io,
): Promise<ExitCode> {
  const environment = await environmentWith(envFile, io)
  const variable = connect ?? database ?? urlVariable(defaultDatabase(environment))
  const settings = settingsBy(variable, environment)
  const asked = libpq ? ofLibpq(urlWith(settings), variable) : sizedUrl(settings, databaseBy(variable))
  // With JSON's escapes it would be another URL.
  io.stdout(`${escapeUnsafe(showPassword ? urlText(asked) : redactedText(asked), encodeURIComponent)}\n`)
  return EXIT.ok
}

/** A variable with another name counts as Core's URL, with Core's settings. */
const databaseBy = (variable: string): DatabaseName => (databaseOf(variable) ?? { database: CORE }).database

function settingsBy(variable: string, environment: Environment): Settings {
  if (databaseOf(variable) !== undefined) return readSettings(environment, databaseBy(variable), "command")
  return readSettings({ ...environment, [urlVariable(CORE)]: environment[variable] }, CORE, "command")
}

function ofLibpq(url: DatabaseUrl, variable: string): DatabaseUrl {
  try {
    return libpqUrl(url)
  } catch (error) {
    throw inVariable(variable, error)
  }
}
