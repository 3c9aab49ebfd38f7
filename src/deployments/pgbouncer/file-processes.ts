import type { Assumption } from "../../sizing/index.ts"
import { MAX_COUNT } from "../../validation/numbers.ts"
import type { Unknown } from "../findings.ts"
import { type Bounds, exactly } from "../resource-pool.ts"
import type { PgBouncerFile } from "./read-pgbouncer.ts"
import { DEFAULTS, nameOf, numberOf } from "./settings.ts"

/** The processes that read a file, which only its section `[peers]` tells of. */
export interface FileProcesses {
  readonly instances: Bounds
  readonly unknowns: readonly Unknown[]
  readonly assumptions: readonly Assumption[]
}

const STATE = (path: string) => `Give --pgbouncer-instances, or ${path}.instances`

/**
 * @param declared in the declaration
 * @param given by a flag, which takes precedence
 */
export function processesOf(
  file: PgBouncerFile,
  declared: number | undefined,
  given: number | undefined,
  path: string,
): FileProcesses {
  const stated = given ?? declared
  if (stated !== undefined) return { instances: exactly(stated), unknowns: [], assumptions: [] }
  if (file.otherPeers > 0) {
    const instances = file.otherPeers + 1
    return {
      instances: exactly(instances),
      unknowns: [],
      assumptions: [
        {
          name: `${path}.instances`,
          assumed: `${instances} processes, as many as [peers] has`,
          remedy: `If there are more, with groups of peers of their own: ${STATE(path)}`,
        },
      ],
    }
  }
  if (numberOf(file, "so_reuseport", DEFAULTS.so_reuseport) !== 0) {
    return {
      instances: exactly(1),
      unknowns: [
        {
          cause: "processes",
          name: nameOf(file, "so_reuseport"),
          problem: "lets several processes share the port, and how many do is not in the file",
          between: `1 to ${MAX_COUNT} processes`,
          remedy: STATE(path),
          isUnbounded: true,
        },
      ],
      assumptions: [],
    }
  }
  return {
    instances: exactly(1),
    unknowns: [],
    assumptions: [
      {
        name: `${path}.instances`,
        assumed: "1 process, which is not in the file: each replica opens pools of its own",
        remedy: `If there are several: ${STATE(path)}`,
      },
    ],
  }
}
