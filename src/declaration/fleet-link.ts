import { PoolConfigError } from "../error.ts"
import type { OpenFleet } from "../sizing/index.ts"
import { openConsumerShape } from "../sizing/parse-consumers.ts"
import { openFleetShape } from "../sizing/parse-fleet.ts"
import { openJobShape } from "../sizing/parse-jobs.ts"
import { openPoolerShape } from "../sizing/parse-poolers.ts"
import type { FleetConfig } from "./fleet-config.ts"
import { readFleetConfig } from "./read-fleet-config.ts"

/** The documentation's site: the `homepage` of package.json. */
export const SITE = "https://OWNER.github.io/prisma-pool-config/"

/** The part of a declaration that a link carries: sizes and names. */
export type SharedFleet = Partial<OpenFleet>

/** Marks the form of a link's fragment, so that a later form can be told apart. */
const VERSION = "v1."

/** A thousand jobs take less. */
const MAX_LENGTH = 500_000

const CONSUMER = Object.keys(openConsumerShape)
const JOB = Object.keys(openJobShape)
const POOLER = Object.keys(openPoolerShape)

/**
 * Returns what a link may carry of a declaration: the fields of a fleet. Hosts, addresses, variables, reasons and owners
 * stay behind.
 *
 * @throws PoolConfigError if it declares several servers, of which a link has one
 */
export function sharedFleet(config: FleetConfig): SharedFleet {
  if (config.servers !== undefined) throw severalServers(Object.keys(config.servers))
  const { consumers, jobs, poolers, ...fleet } = pick(config, Object.keys(openFleetShape)) as SharedFleet
  return {
    ...fleet,
    ...(consumers === undefined ? {} : { consumers: mapped(consumers, (each) => pick(each, CONSUMER)) }),
    ...(jobs === undefined ? {} : { jobs: jobs.map((each) => pick(each, JOB)) }),
    ...(poolers === undefined ? {} : { poolers: mapped(poolers, (each) => pick(each, POOLER)) }),
  }
}

/** `://` of a URL, also as JSON and as a URL in another one escape it. */
const URL_IN_NAME = /:(\\*\/){2}|%3A%2F%2F/i

/** Copies some fields, in the order that they have. An undefined one is none. */
const pick = <Part extends object>(part: Part, fields: readonly string[]): Part =>
  Object.fromEntries(
    Object.entries(part).filter(([field, value]) => value !== undefined && fields.includes(field)),
  ) as Part

const mapped = <Part>(parts: Readonly<Record<string, Part>>, map: (part: Part) => Part) =>
  Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, map(part)]))

/**
 * Returns the fragment of a fleet's link, without `#`: its JSON in base64url, which no mail and no chat cuts or escapes.
 *
 * @throws PoolConfigError if a name looks like a URL, which nobody would see in a link, or if it were longer than one that is read
 */
export function fleetFragment(config: FleetConfig): string {
  const json = JSON.stringify(sharedFleet(config))
  if (URL_IN_NAME.test(json)) {
    throw new PoolConfigError([
      {
        name: "link",
        problem: "would carry a URL, since a name of the fleet has one in it",
        remedy: "Give consumers, jobs, poolers and what is reserved names that are not URLs",
      },
    ])
  }
  const fragment = VERSION + toBase64Url(json)
  if (fragment.length > MAX_LENGTH) {
    throw new PoolConfigError([
      {
        name: "link",
        problem: `would have ${fragment.length} characters, and the calculator opens at most ${MAX_LENGTH}`,
        remedy: "Check one server or one document at a time, or leave the link out",
      },
    ])
  }
  return fragment
}

/** Returns the link that opens a fleet in the calculator. */
export const fleetLink = (config: FleetConfig): string => `${SITE}calculator#${fleetFragment(config)}`

/**
 * Reads a link's fragment, with or without `#`. Undefined for one that is none of ours, such as that of a heading.
 *
 * @throws PoolConfigError for what is damaged, too long, of another version, or no fleet
 */
export function readFleetFragment(fragment: string): SharedFleet | undefined {
  const text = fragment.replace(/^#/, "")
  const [version] = /^v\d+\./.exec(text) ?? []
  if (version === undefined) return undefined
  if (version !== VERSION) throw unreadable("is of another version of this page", "Reload the page")
  if (text.length > MAX_LENGTH) {
    throw unreadable(`has ${text.length} characters`, `Use a link of at most ${MAX_LENGTH}`)
  }
  const value = readJson(fromBase64Url(text.slice(VERSION.length)))
  return sharedFleet(readFleetConfig(value))
}

function readJson(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? "")
  } catch {
    throw unreadable("is damaged", "Copy the whole link once more")
  }
}

const unreadable = (problem: string, remedy: string) =>
  new PoolConfigError([{ name: "link", problem, remedy }])

const severalServers = (names: readonly string[]) =>
  new PoolConfigError([
    {
      name: "servers",
      problem: `has ${names.length} fleets, and the calculator shows one`,
      remedy: "Give the fleet of one server alone",
    },
  ])

function toBase64Url(text: string): string {
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("")
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")
}

/** Undefined for what is no base64url of UTF-8. */
function fromBase64Url(text: string): string | undefined {
  try {
    const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"))
    return new TextDecoder("utf-8", { fatal: true }).decode(
      Uint8Array.from(bytes, (character) => character.charCodeAt(0)),
    )
  } catch {
    return undefined
  }
}
