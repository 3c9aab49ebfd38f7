import { once } from "node:events"
import { createServer, type IncomingMessage } from "node:http"
import { json } from "node:stream/consumers"
import { isPoolTimeout, isTooManyConnections } from "prisma-pool-config"
import { Prisma } from "../../../prisma/core/generated/client.ts"
import { prismaAnalytics, prismaCore } from "./db/postgres.ts"
import { startMetrics } from "./metrics.ts"

interface Answer {
  readonly status: number
  readonly body: unknown
  readonly headers?: Record<string, string>
}

const server = createServer(async (request, response) => {
  const { status, body, headers } = await answer(request).catch(answerToError)
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body))
})

// Before the first query: counters begin here.
const stopMetrics = process.env["OTEL_EXPORTER_PROMETHEUS_PORT"] ? startMetrics() : undefined

// Rejects when the database is down: a container that cannot serve should not look as if it could.
await prismaCore.$connect()
server.listen(Number(process.env["PORT"] ?? 8080), process.env["HOST"])

// The library installs no signal handler: only the application knows what it has to finish first.
await Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")])
server.close()
await once(server, "close")
await stopMetrics?.()
await Promise.all([prismaCore.$disconnect(), prismaAnalytics.$disconnect()])

async function answer(request: IncomingMessage): Promise<Answer> {
  const { pathname } = new URL(request.url ?? "/", "http://localhost")
  switch (`${request.method} ${pathname}`) {
    case "GET /health":
      // No query: a check that waits for a connection would restart the API just when its pool is full.
      return { status: 200, body: { status: "ok" } }
    case "GET /missions":
      return { status: 200, body: await latestMissions() }
    case "POST /missions":
      return createMission(await json(request).catch(() => undefined))
    default:
      return { status: 404, body: { error: "not found" } }
  }
}

function latestMissions() {
  const partner = { select: { name: true } }
  return prismaCore.mission.findMany({ orderBy: { id: "desc" }, take: 20, include: { partner } })
}

async function createMission(input: unknown): Promise<Answer> {
  const { title, partnerId } = (input ?? {}) as Record<string, unknown>
  if (typeof title !== "string" || typeof partnerId !== "number" || !Number.isInteger(partnerId)) {
    return { status: 400, body: { error: "title and partnerId are required" } }
  }
  const mission = await prismaCore.mission.create({ data: { title, partnerId } })
  await prismaAnalytics.statEvent.create({ data: { type: "mission-created" } })
  return { status: 201, body: mission }
}

function answerToError(error: unknown): Answer {
  // More requests than the pool could serve in time: the next one may well succeed.
  if (isPoolTimeout(error)) {
    return { status: 503, body: { error: "busy, try again" }, headers: { "retry-after": "1" } }
  }
  if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2003") {
    return { status: 400, body: { error: "no such partner" } }
  }
  // The database server itself is full: the fleet is larger than its ceiling.
  if (isTooManyConnections(error)) {
    return { status: 503, body: { error: "no connection to be had" }, headers: { "retry-after": "10" } }
  }
  console.error(error)
  return { status: 500, body: { error: "internal error" } }
}
