/** The options for parsing manifests. Keys are compared by `faultOf`: the parser compares each with each. */
export const YAML_OPTIONS = {
  merge: true,
  version: "1.2",
  prettyErrors: false,
  logLevel: "silent",
  uniqueKeys: false,
} as const
