/** Behind Prisma, the frames of the application begin at the thirteenth or later. V8 follows `await` as far as this, too. */
const FRAMES = 100

/** The calls that are shown: the nearest one may be a helper that all queries pass through. */
const SHOWN = 3

/** Where a caller was when it asked for a connection. */
export type CallSite = { readonly stack?: unknown }

/**
 * Takes the stack above a function. It is made into text only when that is read.
 *
 * @param below the function whose callers are wanted
 */
export function takeCallSite(below: (...parameters: never[]) => unknown): CallSite {
  const own = Object.getOwnPropertyDescriptor(Error, "stackTraceLimit")
  const site: CallSite = {}
  // Where the limit is frozen, the stack is as long as that says.
  const isRaised =
    (own === undefined || own.writable === true) && Reflect.set(Error, "stackTraceLimit", FRAMES)
  try {
    Error.captureStackTrace(site, below)
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
export function describeCallSite({ stack }: CallSite): string | undefined {
  // Whoever replaces Error.prepareStackTrace may make anything of it.
  if (typeof stack !== "string") return undefined
  const calls = applicationFrames(stack, ownLocation())
  return calls.length === 0 ? undefined : calls.slice(0, SHOWN).join(" < ")
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
const BETWEEN = /\/node_modules\/(?:@prisma|\.prisma|pg|pg-[\w-]+|prisma-pool-config)\/(?!.*\/node_modules\/)/

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
  const isOwn = ownFrames(own)
  const outside = stack
    .split("\n")
    .map(frameOf)
    .filter((frame) => frame !== undefined)
    .filter(({ file }) => !BETWEEN.test(file) && !RUNTIME.test(file) && !COPIED.test(file))
    .filter((frame) => !isOwn(frame))
  const ofApplication = outside.filter(({ file }) => !IN_NODE_MODULES.test(file))
  return (ofApplication.length > 0 ? ofApplication : outside).map(({ text }) => text)
}

/** The functions of this package, of node-postgres and of Prisma's adapter through which a call passes, by their names. */
const PASSED =
  /^(?:_?LimitedPool|_?BoundPool|Pool|PooledAdapter|PrismaPg\w*|_?DatabaseAdapterFactory|yr|Function)\.|^(?:verifyConnection)$/

/** Tells the frames of this package. */
function ownFrames(own: string): (frame: Frame) => boolean {
  const root = /^(.*\/)src\/pool\/[\w-]+\.ts$/.exec(own)?.[1]
  if (root !== undefined) return ({ file }) => file.startsWith(`${root}src/`)
  const dist = /^(.*\/prisma-pool-config\/dist\/)/.exec(own)?.[1]
  if (dist !== undefined) return ({ file }) => file.startsWith(dist)
  // In one file with the application, names are all that tells them apart.
  return ({ file, name }) => file === own && PASSED.test(name)
}

let location: string | undefined

/** The file in which this module is: it may be a bundle. */
function ownLocation(): string {
  location ??=
    String(takeOwnStack().stack)
      .split("\n")
      .map(frameOf)
      .find((frame) => frame !== undefined)?.file ?? ""
  return location
}

function takeOwnStack(): CallSite {
  const site: CallSite = {}
  Error.captureStackTrace(site)
  return site
}
