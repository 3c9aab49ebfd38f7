import { expect, test } from "vitest"
import { applicationFrames, describeCallSite, takeCallSite } from "../../src/pool/call-site.ts"

const INSTALLED = "/app/node_modules/prisma-pool-config/dist/chunk-ABC.js"

/** The lines of a stack, as V8 writes them. */
const stack = (...frames: string[]) => ["Error", ...frames.map((frame) => `    at ${frame}`)].join("\n")

/** What is between an application and its connection in Prisma 7. */
const PRISMA = [
  "LimitedPool.connect (file:///app/node_modules/prisma-pool-config/dist/chunk-ABC.js:10:5)",
  "LimitedPool.query (/app/node_modules/pg-pool/index.js:449:10)",
  "PrismaPgAdapter.performIO (file:///app/node_modules/@prisma/adapter-pg/dist/index.mjs:645:40)",
  "e.interpretNode (/app/node_modules/@prisma/client/runtime/client.js:5:163)",
  "wasm://wasm/00b2:wasm-function[12]:0x1f:3",
  "process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
  "async Object.singleLoader (/app/node_modules/@prisma/client/runtime/client.js:7:1)",
]

test.each<[string, string[]]>([
  ["as packages", PRISMA],
  [
    "in pnpm's store",
    PRISMA.map((frame) => frame.replace("/app/node_modules/", "/app/node_modules/.pnpm/x@1/node_modules/")),
  ],
  [
    "in an archive of Yarn",
    PRISMA.map((frame) => frame.replace("/app/node_modules/", "/app/.yarn/cache/x-npm-1.zip/node_modules/")),
  ],
  [
    "with Prisma's runtime copied into the application",
    PRISMA.map((frame) => frame.replace("/app/node_modules/@prisma/client/", "/app/src/generated/")),
  ],
  [
    "on Windows",
    PRISMA.map((frame) =>
      frame.replace(
        /\(?(file:\/\/)?\/app\/node_modules\/(.*?)\)/,
        (_, __, path) => `(C:\\app\\node_modules\\${path.replaceAll("/", "\\")})`,
      ),
    ),
  ],
  [
    "by source maps of a bundle",
    PRISMA.map((frame) => frame.replace(/(file:\/\/)?\/app\/node_modules/, "webpack://app/./node_modules")),
  ],
])("what is between is dropped: %s", (_, between) => {
  const frames = applicationFrames(
    stack(
      ...between,
      "async Promise.all (index 0)",
      "new Promise (<anonymous>)",
      "async find (/app/src/missions.ts:3:9)",
      "async /app/src/server.ts:8:1",
    ),
    INSTALLED,
  )
  expect(frames).toEqual(["find (/app/src/missions.ts:3:9)", "/app/src/server.ts:8:1"])
})

test("another package counts where no frame is outside of packages", () => {
  const worker = "run (/app/node_modules/pg-boss/dist/worker.js:5:7)"
  expect(applicationFrames(stack(...PRISMA, worker), INSTALLED)).toEqual([worker])
  expect(applicationFrames(stack(...PRISMA, worker, "main (/app/main.js:1:1)"), INSTALLED)).toEqual([
    "main (/app/main.js:1:1)",
  ])
})

test("a folder of the application that is named as one of this package's is its own", () => {
  const service = "PrismaService.find (/app/src/prisma/prisma.service.ts:4:2)"
  expect(applicationFrames(stack(...PRISMA, service), INSTALLED)).toEqual([service])
})

test.each<[string, string[], string[]]>([
  [
    "a query of a client",
    ["u.query", "P.performIO", "x", "async Object.singleLoader", "async v.request", "async a", "async find"],
    ["find"],
  ],
  [
    "a transaction",
    [
      "",
      "u.connect",
      "P.startTransaction",
      "async y.transaction",
      "async Proxy._transactionWithCallback",
      "async find",
      "async main",
    ],
    ["find", "main"],
  ],
  ["a batch, of which the stack knows nothing", ["P.startTransaction", "async y"], []],
  ["connect of a pool", ["", "u.connect", "find"], ["find"]],
  ["query of a pool", ["u.query", "find"], ["find"]],
  ["nothing above the pool", ["u.query"], []],
])("in one file with the application: %s", (_, names, expected) => {
  const place = "/app/dist/server.js:1:2"
  const lines = names.map((name) => (name === "" ? place : `${name} (${place})`))
  expect(applicationFrames(stack(...lines), "/app/dist/server.js")).toEqual(
    expected.map((name) => `${name} (${place})`),
  )
})

test("the stack begins above the function that asks, and is as long as it takes", () => {
  const deep = (levels: number): ReturnType<typeof asks> => (levels === 0 ? asks() : deep(levels - 1))
  const asks = () => takeCallSite(asks)
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 10
  const site = deep(50)
  expect(Error.stackTraceLimit).toBe(10)
  Error.stackTraceLimit = stackTraceLimit
  expect(String(site.stack).split("\n").length).toBeGreaterThan(50)
  // Three are shown.
  expect(describeCallSite(site)?.split(" < ")).toHaveLength(3)
  expect(describeCallSite(site)).toContain("deep (")
})

test("Error.stackTraceLimit is absent afterwards where it was absent before", () => {
  const { stackTraceLimit } = Error
  Reflect.deleteProperty(Error, "stackTraceLimit")
  try {
    expect(takeCallSite(() => {}).stack).toBeDefined()
    expect(Object.hasOwn(Error, "stackTraceLimit")).toBe(false)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
})

test("a stack that somebody has replaced is none", () => {
  expect(describeCallSite({ stack: [{ getFileName: () => "x" }] })).toBeUndefined()
})
