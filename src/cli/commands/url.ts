import { type DatabaseUrl, urlText } from "../../config/database-url.ts"
import { CORE, urlVariable } from "../../config/database-variables.ts"
import { libpqUrl } from "../../config/libpq-url.ts"
import { redactedText } from "../../config/redact-url.ts"
import { readSettings } from "../../config/settings.ts"
import { urlWith } from "../../config/url-with-settings.ts"
import { environmentWith, inVariable } from "../input/read-files.ts"
import { EXIT, type ExitCode, type Io } from "../io.ts"

export interface UrlFlags {
  readonly envFile?: string
  readonly libpq?: boolean
  readonly showPassword?: boolean
}

/** `prisma-pool url` */
export async function url({ envFile, libpq, showPassword }: UrlFlags, io: Io): Promise<ExitCode> {
  const core = urlWith(readSettings(await environmentWith(envFile, io), CORE, "command"))
  const asked = libpq ? ofLibpq(core) : core
  io.stdout(`${showPassword ? urlText(asked) : redactedText(asked)}\n`)
  return EXIT.ok
}

function ofLibpq(core: DatabaseUrl): DatabaseUrl {
  try {
    return libpqUrl(core)
  } catch (error) {
    throw inVariable(urlVariable(CORE), error)
  }
}
