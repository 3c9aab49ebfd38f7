import {
  fleetFragment,
  readFleetFragment,
  type SharedFleet,
  sharedFleet,
} from "../../src/declaration/fleet-link.ts"
import { readFleetConfig } from "../../src/declaration/read-fleet-config.ts"
import { PoolConfigError, type PoolConfigIssue } from "../../src/error.ts"
import { decoded } from "../decoded.ts"
import { firstLoad, type LoadDraft } from "./load.ts"

/** What a link leads to, or what is wrong with it. */
export type Opened =
  | { readonly fleet: SharedFleet | undefined; readonly load: LoadDraft }
  | { readonly issues: readonly PoolConfigIssue[] }

const LOAD = "&load="
const MAX_FIELD = 40

/** Reads the fragment of the page's address: a fleet, and a load behind it. */
export function openLink(hash: string): Opened {
  const at = hash.indexOf(LOAD)
  const fragment = at < 0 ? hash : hash.slice(0, at)
  return problemsOf(() => ({
    fleet: readFleetFragment(fragment),
    load: at < 0 ? firstLoad() : readLoad(hash.slice(at + LOAD.length)),
  }))
}

/** Reads the text of a `pool.config.json`. */
export function openDeclaration(text: string): Opened {
  return problemsOf(() => {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      throw new PoolConfigError([
        { name: "pool.config", problem: "is not JSON", remedy: "Paste the whole pool.config.json" },
      ])
    }
    return { fleet: sharedFleet(readFleetConfig(value)), load: firstLoad() }
  })
}

/** Returns the fragment of a form whose fleet was read, or undefined where its link would carry a URL. */
export function fragmentOf(fleet: SharedFleet, load: LoadDraft): string | undefined {
  const written = writeLoad(load)
  const found = problemsOf(() => fleetFragment(fleet))
  if (typeof found !== "string") return undefined
  return written === writeLoad(firstLoad()) ? found : `${found}${LOAD}${written}`
}

function problemsOf<Result>(read: () => Result): Result | { readonly issues: readonly PoolConfigIssue[] } {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof PoolConfigError)) throw error
    return { issues: error.issues }
  }
}

const LOAD_FIELDS = Object.keys(firstLoad()) as (keyof LoadDraft)[]

const writeLoad = (load: LoadDraft): string =>
  LOAD_FIELDS.map((field) => encodeURIComponent(load[field])).join(",")

/** What cannot be read is left as it is at first: the load is no part of the fleet. */
function readLoad(text: string): LoadDraft {
  const load = firstLoad()
  text.split(",").forEach((value, index) => {
    const field = LOAD_FIELDS[index]
    const read = decoded(value)
    if (field !== undefined && read !== undefined && (field === "consumer" || read.length <= MAX_FIELD)) {
      load[field] = read
    }
  })
  return load
}
