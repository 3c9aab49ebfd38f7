import type { Format } from "../../src/deployments/reader.ts"

/** What a file is for: the flag that it is given with, or `named`, if a flag or another file names it. */
export type DocumentFormat = Format | "config" | "pgbouncer" | "baseline" | "named"

/** The formats, in the words of the page. */
export const FORMATS: Readonly<Record<DocumentFormat, string>> = {
  terraform: "Terraform plan",
  kubernetes: "Kubernetes manifests",
  compose: "compose file, as JSON",
  render: "Render Blueprint",
  "app-spec": "DigitalOcean app spec",
  config: "declaration (pool.config.json)",
  pgbouncer: "pgbouncer.ini",
  baseline: "pool.baseline.json",
  named: "named by a flag or by another file",
}

/** A file to check. */
export interface CheckedDocument {
  /** Each has another. */
  readonly name: string
  readonly content: Blob
  /** Undefined until it is recognised or chosen. */
  readonly format: DocumentFormat | undefined
}

/** The options of a check beside its documents. */
export interface CheckOptions {
  readonly maxConnections: string
  readonly onlyWarnInDeploy: boolean
  readonly isStrict: boolean
  /** Further flags, as one types them in a shell. */
  readonly flags: string
}

/** Names what is pasted. The command reads a declaration by its extension. */
export function nameOfPasted(name: string, text: string): string {
  if (/.\./.test(name)) return name
  const extension = /^\s*\{/.test(text) ? "json" : /^\s*[[;]/.test(text) ? "ini" : "yaml"
  return `${name.trim() || "pasted"}.${extension}`
}
