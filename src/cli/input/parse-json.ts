import { type ParseError, parse, printParseErrorCode } from "jsonc-parser"
import type { Format } from "../../deployments/reader.ts"
import { PoolConfigError } from "../../error.ts"

/** The first bytes of a plan file. */
const ZIP = "PK\u0003\u0004"

/** A first block of Terraform's configuration language, after blank lines and comments. */
const HCL =
  /^(?:\s*(?:#|\/\/).*\n)*\s*(?:terraform|provider|resource|data|variable|module|locals|output)\b[^\n{:]*\{/

/**
 * Parses a JSON file in UTF-8, or in UTF-16 with a byte order mark, as PowerShell's `>` writes it.
 *
 * @param command prints a YAML file as JSON
 * @throws PoolConfigError with the line, never with its text, which may be a secret
 */
export function parseJson(bytes: Uint8Array, file: string, command?: string): unknown {
  const text = decoded(bytes)
  if (text.trim() === "") return refuse(file, "is empty", "Give JSON")
  if (text.startsWith(ZIP)) {
    return refuse(
      file,
      "is a plan file in Terraform's own format",
      "Print it as JSON: terraform show -json PLANFILE",
    )
  }
  if (HCL.test(text)) return refuse(file, "is HCL, not JSON", `Run: ${PRINT_PLAN}`)
  try {
    return JSON.parse(text)
  } catch {
    if (MANIFEST.test(text))
      return refuse(file, "is YAML, and looks like Kubernetes manifests", "Give them with --kubernetes")
    if (command !== undefined && !BRACKET.test(text))
      return refuse(file, "is not JSON, but perhaps YAML", `Give the output of \`${command}\``)
    const errors: ParseError[] = []
    try {
      parse(text, errors, { disallowComments: true, allowTrailingComma: false })
    } catch {
      // The parser recurses for each bracket; JSON.parse does not.
      return refuse(file, "is not JSON, and is nested too deeply to find the place", "Give JSON")
    }
    const [first] = errors
    const offset = first?.offset ?? 0
    const isCutOff =
      text.slice(offset).trim() === "" ||
      (first !== undefined && printParseErrorCode(first.error) === "UnexpectedEndOfString")
    return isCutOff
      ? refuse(placeOf(text, text.length, file), "ends before it is complete", "Give the whole file")
      : refuse(placeOf(text, offset, file), "is not valid JSON from here on", hint(text))
  }
}

/** A line that each Kubernetes object in YAML has. */
const MANIFEST = /^apiVersion: /m

/** Tells the format of a text that is not the JSON to be given, but leads to it; undefined if it is not known. */
export function sourceFormat(text: string): Format | undefined {
  if (text.startsWith(ZIP) || HCL.test(text)) return "terraform"
  return MANIFEST.test(text) ? "kubernetes" : undefined
}

/** The beginning of a JSON file of any tool. */
const BRACKET = /^\s*[{[]/

const PRINT_PLAN = "terraform plan -out p && terraform show -json p | prisma-pool check --terraform -"

function placeOf(text: string, offset: number, file: string): string {
  const lines = text.slice(0, offset).split("\n")
  return `${file}:${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}`
}

function hint(text: string): string {
  // One complete JSON value on each line.
  return text.startsWith('{"@level"')
    ? "This is a log of `terraform plan -json`: give the output of `terraform show -json PLANFILE`"
    : "Fix it: JSON has no comments, and no comma before a closing bracket"
}

/** Decodes UTF-8, or UTF-16 with a byte order mark. */
export function decoded(bytes: Uint8Array): string {
  const [first, second] = bytes
  const encoding =
    first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8"
  return new TextDecoder(encoding).decode(bytes)
}

function refuse(name: string, problem: string, remedy: string): never {
  throw new PoolConfigError([{ name, problem, remedy }])
}
