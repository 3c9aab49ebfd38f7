import { coreDatabaseUrl } from "../../config/core-database-url.ts"
import { toLibpqUrl } from "../../config/libpq-url.ts"
import { OPTIONS } from "../../config/options.ts"
import { redactUrl } from "../../config/redact-url.ts"
import { environmentWith, inVariable } from "../input/read-files.ts"
import { EXIT, type ExitCode, type Io } from "../io.ts"

export interface UrlFlags {
  readonly envFile?: string
  readonly libpq?: boolean
  readonly showPassword?: boolean
}

/** `prisma-pool url` */
export async function url({ envFile, libpq, showPassword }: UrlFlags, io: Io): Promise<ExitCode> {
  const core = coreDatabaseUrl(await environmentWith(envFile, io))
  const asked = libpq ? libpqUrl(core) : core
  io.stdout(`${showPassword ? asked : redactUrl(asked)}\n`)
  return EXIT.ok
}

function libpqUrl(core: string): string {
  try {
    return toLibpqUrl(core)
  } catch (error) {
    throw inVariable(OPTIONS.url.variable, error)
  }
}
