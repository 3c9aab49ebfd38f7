// What the examples of the README and of the docstrings take for granted.
import type { Server, ServerResponse } from "node:http"
import type { PrismaClient as CoreClient } from "../../prisma/core/generated/client.ts"
import type * as client from "../../src/index.ts"
import type * as monitor from "../../src/monitor/index.ts"
import type * as sizing from "../../src/sizing/index.ts"

declare global {
  const PrismaClient: typeof CoreClient
  const BillingClient: typeof CoreClient
  const PrismaClientCore: new (options: object) => unknown
  const PrismaClientAnalytics: new (options: object) => unknown
  const prisma: CoreClient
  const prismaCore: CoreClient
  const prismaAnalytics: CoreClient
  const server: Server
  const signer: { getAuthToken(): Promise<string> }
  const response: ServerResponse
  const pager: { alert(message: string): void }
  const lastYear: Date
  const Sentry: {
    captureMessage(
      message: string,
      context: { level: "fatal" | "error" | "info"; fingerprint: string[] },
    ): string
  }
  const url: string
  const test: (name: string, run: () => void) => void
  const coreAdapter: typeof client.coreAdapter
  const createAnalyticsClient: typeof client.createAnalyticsClient
  const createCoreClient: typeof client.createCoreClient
  const createPool: typeof client.createPool
  const withCoreClient: typeof client.withCoreClient
  const createPrismaClient: typeof client.createPrismaClient
  const createReplicaClient: typeof client.createReplicaClient
  const databaseUrl: typeof client.databaseUrl
  const prismaAdapter: typeof client.prismaAdapter
  const withPrismaClient: typeof client.withPrismaClient
  const poolConfigFromUrl: typeof client.poolConfigFromUrl
  const isPoolTimeout: typeof client.isPoolTimeout
  const isTooManyConnections: typeof client.isTooManyConnections
  const readPoolSettings: typeof client.readPoolSettings
  const coreDatabaseUrl: typeof client.coreDatabaseUrl
  const redactUrl: typeof client.redactUrl
  const toLibpqUrl: typeof client.toLibpqUrl
  const poolStats: typeof monitor.poolStats
  const checkFleet: typeof sizing.checkFleet
  const sizeFleet: typeof sizing.sizeFleet
  const reservedTotal: typeof sizing.reservedTotal
  const scalewayPlans: typeof sizing.scalewayPlans
  const connectionLimitBySlots: typeof sizing.connectionLimitBySlots
  const connectionsForLoad: typeof sizing.connectionsForLoad
  const connectionLimitByShares: typeof sizing.connectionLimitByShares
}
