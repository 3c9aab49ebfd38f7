import { refuseSecrets } from "../../src/cli/input/refuse-secrets.ts"
import { argumentsOf, commandOf } from "./command-line.ts"
import type { CheckedDocument, CheckOptions, DocumentFormat } from "./documents.ts"
import { recognizeFormat } from "./recognize-format.ts"
import { type CheckResult, runCheck } from "./run-check.ts"

export interface CheckRequest {
  readonly documents: readonly CheckedDocument[]
  readonly options: CheckOptions
}

export interface CheckAnswer {
  /** The format of each document, by its name; undefined if nothing tells it. */
  readonly formats: Readonly<Record<string, DocumentFormat | undefined>>
  /** The command that does the same; empty if there is none, or if it must not be shown. */
  readonly command: string
  /** What has to be done before anything can be checked. */
  readonly problem?: string
  /** Undefined with a problem, and where there is nothing to check. */
  readonly result?: CheckResult
}

/** Recognizes documents, and checks what they and the options declare. */
export async function checkDocuments({ documents, options }: CheckRequest): Promise<CheckAnswer> {
  const files = new Map<string, Uint8Array>()
  for (const { name, content } of documents) {
    const bytes = await content.arrayBuffer().catch(() => undefined)
    if (bytes !== undefined) files.set(name, new Uint8Array(bytes))
  }
  const formats = Object.fromEntries(
    documents.map(({ name, format }) => [
      name,
      format ?? recognizeFormat(name, files.get(name) ?? new Uint8Array()),
    ]),
  )
  const known = documents.flatMap(({ name }) => {
    const format = formats[name]
    return format === undefined ? [] : [{ name, format }]
  })
  const problem =
    unreadable(documents, files) ??
    unrecognized(formats) ??
    givenTwice(known, "config") ??
    givenTwice(known, "baseline")
  if (problem !== undefined) return { formats, command: "", problem }
  const args = argumentsOf(known, options)
  if (args.length === 0) return { formats, command: "" }
  return { formats, command: shown(args), result: await runCheck(args, files) }
}

function unreadable(
  documents: readonly CheckedDocument[],
  files: ReadonlyMap<string, Uint8Array>,
): string | undefined {
  const names = documents.map(({ name }) => name).filter((name) => !files.has(name))
  if (names.length === 0) return undefined
  return `The browser cannot read ${names.join(", ")}. Remove it. Of a directory, drop the files that are in it; drop a file again that has changed.`
}

function unrecognized(formats: CheckAnswer["formats"]): string | undefined {
  const names = Object.keys(formats).filter((name) => formats[name] === undefined)
  return names.length === 0 ? undefined : `Choose the format of ${names.join(", ")}.`
}

function givenTwice(
  documents: readonly { readonly name: string; readonly format: DocumentFormat }[],
  format: DocumentFormat,
): string | undefined {
  const names = documents.filter((each) => each.format === format).map(({ name }) => name)
  if (names.length < 2) return undefined
  return `The command takes one file with --${format}, and these are ${names.length}: ${names.join(", ")}. Remove the others, or change their format.`
}

function shown(args: readonly string[]): string {
  try {
    refuseSecrets(args)
    return commandOf(args)
  } catch {
    return ""
  }
}
