/** Behind Prisma, the frames of the application begin at the thirteenth or later. V8 follows `await` as far as this, too. */
const FRAMES = 100

/** The calls that are shown: the nearest one may be a helper that all queries pass through. */
const SHOWN = 3

/** Where a caller was when it asked for a connection. */
export type CallSite = { readonly stack?: unknown }

/** The function by which callers come: its own calls are no part of a call site. */
export type Entry = (...parameters: never[]) => unknown

/**
 * Takes the stack above a function. It is made into text only when that is read.
 *
 * @param entry the function whose callers are wanted
 */
export function takeCallSite(entry: Entry): CallSite {
  const own = Object.getOwnPropertyDescriptor(Error, "stackTraceLimit")
  const site: CallSite = {}
  // Where the limit is frozen, the stack is as long as that says.
  const isRaised =
    (own === undefined || own.writable === true) && Reflect.set(Error, "stackTraceLimit", FRAMES)
  try {
    Error.captureStackTrace(site, entry)
  } finally {
    if (isRaised) restore(own)
  }
  return site
}

function restore(own: PropertyDescriptor | undefined): void {
  if (own === undefined) Reflect.deleteProperty(Error, "stackTraceLimit")
  else Error.stackTraceLimit = own.value
}

/** The calls of the application in a stack, the nearest first; undefined if none is left. */
export function describeCallSite(site: CallSite): string | undefined {
  const calls = applicationFrames(textOf(site), ownLocation())
  return calls.length === 0 ? undefined : calls.slice(0, SHOWN).join(" < ")
}

/** The text of a stack; empty where an application that replaces Error.prepareStackTrace makes something else of it, or throws. */
function textOf(site: CallSite): string {
  try {
    return typeof site.stack === "string" ? site.stack : ""
  } catch {
    return ""
  }
}

/** One line of a stack. */
interface Frame {
  readonly text: string
  /** The name of the function, with that of its receiver; empty where it has none. */
  readonly name: string
  /** The file, with forward slashes. */
  readonly file: string
}

/** `at async name (file:line:column)`, or without a name `at file:line:column`. */
const FRAME = /^\s*at (?:async )?(?:(?<name>.*) \((?<place>.*)\)|(?<bare>.*))$/

const LINE_AND_COLUMN = /:\d+(:\d+)?$/

function frameOf(line: string): Frame | undefined {
  const { name = "", place, bare = "" } = FRAME.exec(line)?.groups ?? {}
  const location = (place ?? bare).replace(/^file:\/\//, "")
  // What has no line is not in a file: <anonymous>, native, index 0.
  if (!LINE_AND_COLUMN.test(location)) return undefined
  const file = location.replace(LINE_AND_COLUMN, "").replaceAll("\\", "/")
  return { text: name === "" ? location : `${name} (${location})`, name, file }
}

/** Packages between the application and its connection, in whatever layout of `node_modules`. */
const BETWEEN =
  /\/node_modules\/(?:@prisma|\.prisma|pg(?:-(?:pool|native|cursor|query-stream))?|prisma-pool-config)\/(?!.*\/node_modules\/)/

/** What Node.js, Bun and WebAssembly are made of. */
const RUNTIME = /^(?:node|bun|wasm|internal)[:/]/

/** Prisma's runtime where its generator copied it into the application. */
const COPIED = /\/runtime\/(?:client|library|edge|binary|wasm[\w.-]*|query_\w+[\w.-]*)\.m?js$/

const IN_NODE_MODULES = /\/node_modules\//

/**
 * The frames of a stack that are the application's, the nearest first. Those of other packages count where there are no
 * others: they make the queries then.
 *
 * @param own the file in which this module is
 */
export function applicationFrames(stack: string, own: string): string[] {
  const frames = stack
    .split("\n")
    .map(frameOf)
    .filter((frame) => frame !== undefined)
  const folder = ownFolder(own)
  const outside = (folder === undefined ? framesOfBundle(frames) : frames).filter(
    ({ file }) =>
      !BETWEEN.test(file) &&
      !RUNTIME.test(file) &&
      !COPIED.test(file) &&
      (folder === undefined || !file.startsWith(folder)),
  )
  const ofApplication = outside.filter(({ file }) => !IN_NODE_MODULES.test(file))
  return (ofApplication.length > 0 ? ofApplication : outside).map(({ text }) => text)
}

/** The folder of this package; undefined where a bundler has put it elsewhere. */
function ownFolder(own: string): string | undefined {
  return /^(.*\/src\/)pool\/call-site\.ts$/.exec(own)?.[1] ?? /^.*\/prisma-pool-config\/dist\//.exec(own)?.[0]
}

/** How Prisma's adapter takes a connection. */
const ADAPTER = /\.(?:performIO|startTransaction)$/

/** Prisma's function that is nearest to the application, and how many of its frames follow. */
const ENTRIES = [
  [/\.singleLoader$/, 2],
  [/\._transactionWithCallback$/, 0],
] as const

/** This package and node-postgres. */
const POOL = /(?:^|\.)(?:connect|query)$/

/**
 * The frames above this package, node-postgres and Prisma where they are in one file with the application: there the names
 * of methods, which bundlers keep, are all that tells them apart.
 */
function framesOfBundle(frames: readonly Frame[]): readonly Frame[] {
  if (frames.some(({ name }) => ADAPTER.test(name))) {
    for (const [entry, more] of ENTRIES) {
      const at = frames.findLastIndex(({ name }) => entry.test(name))
      if (at >= 0) return frames.slice(at + 1 + more)
    }
    return []
  }
  // The function without a name is that of the promise.
  const isPool = ({ name }: Frame, index: number) =>
    POOL.test(name) || (name === "" && POOL.test(frames[index + 1]?.name ?? ""))
  const at = frames.findIndex((frame, index) => !isPool(frame, index))
  return at < 0 ? [] : frames.slice(at)
}

let location: string | undefined

/** The file in which this module is: it may be a bundle. */
function ownLocation(): string {
  const site = (): CallSite => takeCallSite(site)
  location ??= textOf(site())
    .split("\n")
    .map(frameOf)
    .find((frame) => frame !== undefined)?.file
  return location ?? ""
}
