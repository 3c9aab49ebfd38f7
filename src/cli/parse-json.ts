import { type ParseError, parse } from "jsonc-parser"
import { PoolConfigError } from "../error.ts"

/** How a plan file begins. */
const ZIP = "PK\u0003\u0004"

/**
 * Parses a JSON file, in UTF-8 or in UTF-16 with its mark, which is what PowerShell's `>` writes.
 *
 * @throws PoolConfigError with the line; never with what stands there, which may be a secret
 */
export function parseJson(bytes: Uint8Array, file: string): unknown {
  const text = decoded(bytes)
  if (text.trim() === "") throw problem(file, "is empty", "Give JSON")
  if (text.startsWith(ZIP)) {
    throw problem(
      file,
      "is a plan file in Terraform's own format",
      "Print it as JSON: terraform show -json PLANFILE",
    )
  }
  try {
    return JSON.parse(text)
  } catch {
    const errors: ParseError[] = []
    parse(text, errors, { disallowComments: true, allowTrailingComma: false })
    const offset = errors[0]?.offset ?? 0
    const before = text.slice(0, offset).split("\n")
    const place = `${file}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`
    throw text.slice(offset).trim() === ""
      ? problem(place, "ends before it is complete", "Give the whole of it")
      : problem(place, "is not JSON from here on", hint(text))
  }
}

function hint(text: string): string {
  // One JSON value a line, each complete.
  return text.startsWith('{"@level"')
    ? "This is a log of `terraform plan -json`: give what `terraform show -json PLANFILE` prints"
    : "Mend it: JSON has no comments and no comma before a closing bracket"
}

function decoded(bytes: Uint8Array): string {
  const [first, second] = bytes
  const encoding =
    first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8"
  return new TextDecoder(encoding).decode(bytes)
}

const problem = (name: string, text: string, remedy: string) =>
  new PoolConfigError([{ name, problem: text, remedy }])
