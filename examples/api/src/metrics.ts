import { PrometheusExporter } from "@opentelemetry/exporter-prometheus"
import { MeterProvider } from "@opentelemetry/sdk-metrics"
import { observeDatabase, observePgBouncer, observePools } from "prisma-pool-config/monitor"
import fleet from "../pool.config.json" with { type: "json" }
import { prismaCore } from "./db/postgres.ts"

/** Serves /metrics to Prometheus, at OTEL_EXPORTER_PROMETHEUS_HOST and _PORT. Returns what ends it. */
export function startMetrics(): () => Promise<void> {
  const provider = new MeterProvider({ readers: [new PrometheusExporter()] })
  const meter = provider.getMeter("prisma-pool-config")
  observePools(meter, { core: prismaCore })
  observeDatabase(meter, prismaCore, { fleet })
  const { PGBOUNCER_CONSOLE_URL } = process.env
  if (PGBOUNCER_CONSOLE_URL) observePgBouncer(meter, PGBOUNCER_CONSOLE_URL)
  return () => provider.shutdown()
}
