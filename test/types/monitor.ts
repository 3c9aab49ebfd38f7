// Type tests of what needs OpenTelemetry, compiled by `npm run typecheck`. Nothing in this file runs.

import { metrics } from "@opentelemetry/api"
import { createPool } from "../../src/index.ts"
import { observeDatabase, observePgBouncer, observePools } from "../../src/monitor/index.ts"

export function observed(url: string): void {
  const meter = metrics.getMeter("prisma-pool-config")
  const stop: () => void = observePools(meter)
  stop()
  observePools(meter, { core: createPool(url) })
  // @ts-expect-error a provider is no meter
  observePools(metrics)
  // @ts-expect-error a URL has no pool
  observePools(meter, { core: url })
  const stopDatabase: () => void = observeDatabase(meter, url)
  stopDatabase()
  observeDatabase(meter, createPool(url), {
    name: "replica",
    timeout: 1,
    fleet: {
      maxConnections: 100,
      consumers: { api: { instances: 1, poolSize: 5 } },
      applications: { web: "api" },
    },
  })
  // @ts-expect-error a provider is no meter
  observeDatabase(metrics, url)
  // @ts-expect-error nobody connects through a number
  observeDatabase(meter, 5)
  const stopPgBouncer: () => void = observePgBouncer(meter, url)
  stopPgBouncer()
  observePgBouncer(meter, [url, createPool(url)], { name: "front", timeout: 1 })
  // @ts-expect-error a provider is no meter
  observePgBouncer(metrics, url)
  // @ts-expect-error nobody connects through a number
  observePgBouncer(meter, 5)
}
