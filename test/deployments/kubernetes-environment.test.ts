import { describe, expect, test } from "vitest"
import { fleetFromKubernetes } from "../../src/deployments/index.ts"
import { refusal } from "../support/bad-values.ts"
import {
  client,
  configMap,
  deployment,
  env,
  object,
  reading,
  SERVER,
  secret,
  sums,
  URL_OF_DB,
  unknown,
  VARIABLES,
  type Values,
  yaml,
} from "./manifests.ts"
import { connecting, sizes } from "./resources.ts"

const KEYS = { keys: ["DATABASE_URL"] }

/** The pools of a Deployment with one container, which has nothing but these fields. */
const pools = (fields: Values, objects: readonly unknown[] = [], pod: Values = {}) => {
  const containers = [{ name: "app", image: "shop:1", ...fields }]
  const fleet = reading([...objects, deployment("api", { containers, pod })], KEYS)
  return { sizes: sizes(fleet), unknown: unknown(fleet) }
}

const size = (value: number | string) => ({ sizes: { "deployment/api": value }, unknown: [] })
const nothing = { sizes: {}, unknown: [] }
const perhaps = {
  sizes: { "deployment/api": expect.stringMatching(/^nothing to/) },
  unknown: ["deployment/api.DATABASE_URL: environment"],
}
const hidden = (variable = "DATABASE_URL") => ({
  sizes: { "deployment/api": "1 to 10000" },
  unknown: [`deployment/api.${variable}: size`],
})
const SIZE = env({ PRISMA_POOL_SIZE: "4" })
const from = (kind: "configMapKeyRef" | "secretKeyRef", name: string, key: string, more: Values = {}) => ({
  valueFrom: { [kind]: { name, key, ...more } },
})

describe("the variables of a container are", () => {
  test("those of env, of which the last of a name counts", () => {
    expect(pools({ env: VARIABLES })).toEqual(size(10))
    expect(pools({ env: [...VARIABLES, ...SIZE] })).toEqual(size(4))
    expect(pools({ env: [...SIZE, { name: "DATABASE_URL", value: "" }] })).toEqual(nothing)
    expect(pools({ env: [...VARIABLES, { name: "DATABASE_URL" }] })).toEqual(nothing)
    expect(pools({ env: null })).toEqual(nothing)
    expect(pools({})).toEqual(nothing)
  })

  test("those of envFrom, of which later sources count, and env before all", () => {
    const maps = [
      configMap("a", { DATABASE_URL: URL_OF_DB, PRISMA_POOL_SIZE: "3" }),
      configMap("b", { PRISMA_POOL_SIZE: "5" }),
      secret("c", { PRISMA_POOL_SIZE: "7" }),
    ]
    const [a, b] = [{ configMapRef: { name: "a" } }, { configMapRef: { name: "b" } }]
    expect(pools({ envFrom: [a] }, maps)).toEqual(size(3))
    expect(pools({ envFrom: [a, b] }, maps)).toEqual(size(5))
    expect(pools({ envFrom: [b, a] }, maps)).toEqual(size(3))
    expect(pools({ envFrom: [a, { secretRef: { name: "c" } }] }, maps)).toEqual(size(7))
    expect(pools({ envFrom: [a, b], env: SIZE }, maps)).toEqual(size(4))
  })

  test("with the prefix before every key", () => {
    const maps = [configMap("a", { URL: URL_OF_DB }), configMap("b", { POOL_SIZE: "6", SIZE: "9" })]
    const prefixed = (prefix: string, name: string) => ({ prefix, configMapRef: { name } })
    expect(pools({ envFrom: [prefixed("DATABASE_", "a"), prefixed("PRISMA_", "b")] }, maps)).toEqual(size(6))
    // Two ways to one name: the later one counts.
    const twice = [prefixed("DATABASE_", "a"), prefixed("PRISMA_", "b"), prefixed("PRISMA_POOL_", "b")]
    expect(pools({ envFrom: twice }, maps)).toEqual(size(9))
    // The name of another variable, which has a URL.
    const other = ["deployment/api.OTHER_URL: variable"]
    expect(pools({ envFrom: [prefixed("OTHER_", "a")] }, maps)).toEqual({ sizes: {}, unknown: other })
    const plain = [configMap("a", { DATABASE_URL: URL_OF_DB })]
    expect(pools({ envFrom: [prefixed("MY_", "a")] }, plain).unknown).toEqual([
      "deployment/api.MY_DATABASE_URL: variable",
    ])
  })

  test("with a prefix that makes the name of the variable, which is then found without being told", () => {
    const containers = [client({ env: [], envFrom: [{ prefix: "DATABASE_", secretRef: { name: "s" } }] })]
    const fleet = reading([secret("s", { URL: URL_OF_DB }), deployment("api", { containers })])
    expect(fleet.source.keys).toEqual(["DATABASE_URL"])
    expect(sizes(fleet)).toEqual({ "deployment/api": 15 })
    expect(unknown(fleet)).toEqual([])
  })

  test("those of a Secret: data in base64, and stringData before it", () => {
    const url = secret("s", { DATABASE_URL: `${URL_OF_DB}?connection_limit=8` })
    const envFrom = [{ secretRef: { name: "s" } }]
    expect(pools({ envFrom }, [url])).toEqual(size(8))
    expect(
      pools({ envFrom }, [{ ...url, stringData: { DATABASE_URL: `${URL_OF_DB}?connection_limit=2` } }]),
    ).toEqual(size(2))
    expect(pools({ envFrom }, [{ ...url, stringData: { PRISMA_POOL_SIZE: "4" } }])).toEqual(size(4))
    const wrapped = { DATABASE_URL: `${btoa(URL_OF_DB).replace(/.{20}/g, "$&\n")}\n` }
    expect(pools({ envFrom }, [object("v1", "Secret", "s", { data: wrapped })])).toEqual(size(15))
  })

  test("not those of a ConfigMap's binaryData", () => {
    const binary = object("v1", "ConfigMap", "c", { binaryData: { DATABASE_URL: btoa(URL_OF_DB) } })
    expect(pools({ envFrom: [{ configMapRef: { name: "c" } }] }, [binary])).toEqual(nothing)
  })

  test("empty for a key without a value, which overrides what is before it", () => {
    const maps = [configMap("a", { PRISMA_POOL_SIZE: "3" }), configMap("b", { PRISMA_POOL_SIZE: null })]
    const envFrom = [{ configMapRef: { name: "a" } }, { configMapRef: { name: "b" } }]
    expect(pools({ envFrom, env: env({ DATABASE_URL: URL_OF_DB }) }, maps)).toEqual(size(15))
  })

  test("refused if a value is an object", () => {
    const containers = [{ name: "app", env: [{ name: "DATABASE_URL", value: { url: "x" } }] }]
    const { issues } = refusal(() => reading([deployment("api", { containers })]))
    expect(issues).toMatchObject([
      {
        problem: "Deployment has a value of the wrong type at spec.template.spec.containers[0].env[0].value",
      },
    ])
  })
})

describe("valueFrom is", () => {
  const url = { name: "DATABASE_URL", ...from("secretKeyRef", "s", "url") }
  const stored = secret("s", { url: `${URL_OF_DB}?connection_limit=6` })

  test("the value in a Secret or a ConfigMap", () => {
    expect(pools({ env: [url] }, [stored])).toEqual(size(6))
    const map = configMap("c", { size: "3" })
    const limit = { name: "PRISMA_POOL_SIZE", ...from("configMapKeyRef", "c", "size") }
    expect(pools({ env: [url, limit] }, [stored, map])).toEqual(size(3))
  })

  test("hidden in a Secret that is not in the manifests; a size in plain sight counts", () => {
    expect(pools({ env: [url] })).toEqual(hidden())
    expect(pools({ env: [url, ...SIZE] })).toEqual(size(4))
    const limit = { name: "PRISMA_POOL_SIZE", ...from("configMapKeyRef", "c", "size") }
    expect(pools({ env: [...env({ DATABASE_URL: URL_OF_DB }), limit] })).toEqual(hidden("PRISMA_POOL_SIZE"))
  })

  test("absent for an optional key that an object of the manifests does not have", () => {
    const optional = { name: "DATABASE_URL", ...from("secretKeyRef", "s", "other", { optional: true }) }
    expect(pools({ env: [optional] }, [stored])).toEqual(nothing)
    const limit = { name: "PRISMA_POOL_SIZE", ...from("secretKeyRef", "s", "other", { optional: true }) }
    expect(pools({ env: [...env({ DATABASE_URL: URL_OF_DB }), limit] }, [stored])).toEqual(size(15))
    // It leaves what a source has before it.
    const map = configMap("c", { PRISMA_POOL_SIZE: "3" })
    expect(pools({ envFrom: [{ configMapRef: { name: "c" } }], env: [url, limit] }, [stored, map])).toEqual(
      size(3),
    )
  })

  test("a mistake for any other key that is missing", () => {
    const wrong = { name: "DATABASE_URL", ...from("secretKeyRef", "s", "other") }
    expect(pools({ env: [wrong] }, [stored])).toEqual(hidden())
  })

  test.each([
    [{ fieldRef: { fieldPath: "metadata.annotations['url']" } }],
    [{ resourceFieldRef: { resource: "limits.cpu" } }],
    [{ fileKeyRef: { volumeName: "v", path: "a.env", key: "X" } }],
    [{}],
  ])("known only when the pod runs: %j", (valueFrom) => {
    expect(pools({ env: [{ name: "DATABASE_URL", valueFrom }] })).toEqual(hidden())
    expect(
      pools({ env: [...env({ DATABASE_URL: URL_OF_DB }), { name: "PRISMA_POOL_SIZE", valueFrom }] }),
    ).toEqual(hidden("PRISMA_POOL_SIZE"))
  })
})

describe("a source that is not in the manifests", () => {
  test("may have the variable, also if it is optional", () => {
    expect(pools({ envFrom: [{ secretRef: { name: "gone" } }] })).toEqual(perhaps)
    expect(pools({ envFrom: [{ configMapRef: { name: "gone" } }] })).toEqual(perhaps)
    expect(pools({ envFrom: [{ secretRef: { name: "gone", optional: true } }] })).toEqual(perhaps)
    expect(pools({ envFrom: [{}] })).toEqual(perhaps)
  })

  test("may not if every name of it begins with a prefix that the variable does not have", () => {
    expect(pools({ envFrom: [{ prefix: "REDIS_", secretRef: { name: "gone" } }] })).toEqual(nothing)
    expect(pools({ envFrom: [{ prefix: "DATABASE_", secretRef: { name: "gone" } }] })).toEqual(perhaps)
  })

  test("leaves what env has after it", () => {
    expect(pools({ envFrom: [{ secretRef: { name: "gone" } }], env: VARIABLES })).toEqual(size(10))
    expect(
      pools({ envFrom: [{ secretRef: { name: "gone" } }], env: env({ DATABASE_URL: URL_OF_DB }) }),
    ).toEqual(hidden("PRISMA_POOL_SIZE"))
  })

  test("is in another namespace", () => {
    const stored = secret("s", { DATABASE_URL: URL_OF_DB }, { metadata: { namespace: "other" } })
    const own = {
      metadata: { namespace: "shop" },
      containers: [client({ env: [], envFrom: [{ secretRef: { name: "s" } }] })],
    }
    expect(unknown(reading([stored, deployment("api", own)], KEYS))).toEqual([
      "shop/deployment/api.DATABASE_URL: environment",
    ])
  })

  test("is one of several, where the pod has no namespace", () => {
    const each = (namespace: string) => secret("s", { DATABASE_URL: URL_OF_DB }, { metadata: { namespace } })
    expect(pools({ envFrom: [{ secretRef: { name: "s" } }], env: SIZE }, [each("a"), each("b")])).toEqual(
      size(4),
    )
    expect(pools({ envFrom: [{ secretRef: { name: "s" } }] }, [each("a"), each("b")])).toEqual(
      hidden("PRISMA_POOL_SIZE"),
    )
  })

  test("is named with its pods in one line", () => {
    const missing = (name: string, of: string) =>
      deployment(name, { containers: [client({ env: [], envFrom: [{ secretRef: { name: of } }] })] })
    const { unknowns } = reading([missing("a", "x"), missing("b", "x"), missing("c", "y")], KEYS)
    expect(unknowns.filter(({ cause }) => cause === "environment").map(({ problem }) => problem)).toEqual([
      "may be set: its environment is in Secret x, which is not in the manifests",
      "may be set: its environment is in Secret x, which is not in the manifests",
      "may be set: its environment is in Secret y, which is not in the manifests",
    ])
  })
})

describe("$(NAME) is", () => {
  const url = (value: string) => [{ name: "DATABASE_URL", value }]
  const stored = [secret("pg", { user: "app", password: "s3cret", limit: "9" })]
  const hiddenVariable = (name: string) => ({ name, ...from("secretKeyRef", "gone", name) })

  test("expanded from what is defined before, also in sources", () => {
    expect(pools({ env: [...env({ N: "3" }), ...url(`${URL_OF_DB}?connection_limit=$(N)`)] })).toEqual(
      size(3),
    )
    const limit = { name: "N", ...from("secretKeyRef", "pg", "limit") }
    expect(pools({ env: [limit, ...url(`${URL_OF_DB}?connection_limit=$(N)`)] }, stored)).toEqual(size(9))
    const map = configMap("c", { N: "5" })
    expect(
      pools({ envFrom: [{ configMapRef: { name: "c" } }], env: url(`${URL_OF_DB}?connection_limit=$(N)`) }, [
        map,
      ]),
    ).toEqual(size(5))
  })

  test("expanded once, so that nothing goes round in circles", () => {
    const circle = env({
      A: "$(B)",
      B: "$(A)",
      DATABASE_URL: `${URL_OF_DB}?schema=$(B)`,
      PRISMA_POOL_SIZE: "2",
    })
    expect(pools({ env: circle })).toEqual(size(2))
    expect(() => pools({ env: env({ DATABASE_URL: "$(DATABASE_URL)" }) })).toThrow("is not a PostgreSQL URL")
  })

  test("text if it is not defined, or defined later, and after $$", () => {
    const text = (value: string) => pools({ env: [...url(`${URL_OF_DB}?options=${value}`), ...SIZE] })
    expect(text("$(GONE)")).toEqual(size(4))
    expect(text("$$(PRISMA_POOL_SIZE)")).toEqual(size(4))
    expect(text("$(")).toEqual(size(4))
    const later = [...env({ PRISMA_POOL_SIZE: "$(N)" }), ...env({ N: "3" }), ...url(URL_OF_DB)]
    expect(refusal(() => pools({ env: later })).issues).toMatchObject([
      { name: expect.stringMatching(/^line \d+: deployment\/api\.PRISMA_POOL_SIZE$/) },
    ])
  })

  test("a part of a URL that no size depends on: then the rest is read", () => {
    const parts = ["USER", "PASS", "HOST", "NAME"].map(hiddenVariable)
    const read = (value: string) => pools({ env: [...parts, ...url(value)] })
    expect(read("postgresql://$(USER):$(PASS)@db/shop?connection_limit=5")).toEqual(size(5))
    expect(read("postgresql://$(USER):$(PASS)@db/shop")).toEqual(size(15))
    expect(read("postgresql://$(USER):$(PASS)@db/$(NAME)?connection_limit=5")).toEqual(size(5))
  })

  test("hidden where the parameters may be in it", () => {
    const parts = ["USER", "PASS", "HOST", "NAME", "LIMIT", "REST", "URL"].map(hiddenVariable)
    const read = (value: string) => pools({ env: [...parts, ...url(value)] })
    expect(read("postgresql://$(USER):$(PASS)@db/shop?connection_limit=$(LIMIT)")).toEqual(hidden())
    expect(read("postgresql://$(USER):$(PASS)@db/shop?a=b?connection_limit=$(LIMIT)")).toEqual(hidden())
    expect(read("postgresql://$(USER):$(PASS)@db/$(NAME)")).toEqual(hidden())
    expect(read("postgresql://$(REST)")).toEqual(hidden())
    expect(read("$(URL)")).toEqual(hidden())
    expect(read("$(URL)?connection_limit=5")).toEqual(hidden())
  })

  test("hidden for what the kubelet knows of Services", () => {
    const read = (value: string) => pools({ env: url(value) })
    expect(read("postgresql://app@db:$(DB_SERVICE_PORT)/shop")).toEqual(hidden())
    expect(read("postgresql://app@$(DB_SERVICE_HOST):$(DB_SERVICE_PORT)/shop?connection_limit=2")).toEqual(
      hidden(),
    )
  })

  test("found in a command, too", () => {
    expect(pools({ args: ["--url", "$(DATABASE_URL)"] })).toEqual(perhaps)
  })
})

test.each([
  ["vault:secret/data/db#url"],
  ["ref+vault://db/url"],
  ["<path:secret/data/db#url>"],
  ["op://vault/db/url"],
  ["arn:aws:secretsmanager:eu-west-1:1:secret:db"],
  ["{{ .Values.url }}"],
])("a placeholder that another tool replaces is hidden: %s", (value) => {
  expect(pools({ env: env({ DATABASE_URL: value }) })).toEqual(hidden())
  expect(pools({ env: env({ DATABASE_URL: URL_OF_DB, PRISMA_POOL_SIZE: value }) })).toEqual(
    hidden("PRISMA_POOL_SIZE"),
  )
})

describe("a pod's connections are those of", () => {
  const app = (limit: number, fields: Values = {}) =>
    client({ env: env({ DATABASE_URL: URL_OF_DB, PRISMA_POOL_SIZE: String(limit) }), ...fields })
  const sidecar = (limit: number) => app(limit, { restartPolicy: "Always" })
  const steady = (containers: readonly Values[], initContainers: readonly Values[]) =>
    sums(
      reading([
        deployment("api", { spec: { strategy: { type: "Recreate" } }, containers, pod: { initContainers } }),
      ]),
    ).steady

  test("all containers", () => {
    expect(steady([app(3), app(4)], [])).toEqual([7, 7])
  })

  test("its sidecars, which are init containers that restart", () => {
    expect(steady([app(3)], [sidecar(4)])).toEqual([7, 7])
  })

  test("an init container, if it has more than what comes after it", () => {
    expect(steady([app(3)], [app(2)])).toEqual([3, 3])
    expect(steady([app(3)], [app(3), app(1)])).toEqual([3, 3])
    expect(steady([app(3)], [app(5)])).toEqual([3, 5])
    expect(steady([app(3)], [app(5), app(8), app(4)])).toEqual([3, 8])
  })

  test("an init container and the sidecars that started before it", () => {
    expect(steady([app(1)], [sidecar(4), app(5)])).toEqual([5, 9])
    expect(steady([app(1)], [app(5), sidecar(4)])).toEqual([5, 5])
  })

  test("its containers for debugging, which only a running pod has", () => {
    const own = { ephemeralContainers: [app(2)] }
    expect(sums(reading([deployment("api", { containers: [app(3)], pod: own })])).steady).toEqual([5, 5])
  })
})

describe("a command", () => {
  test.each<[fields: Values]>([
    [{ command: ["sh", "-c", `DATABASE_URL=${URL_OF_DB} node main.js`] }],
    [{ command: ["env"], args: [`DATABASE_URL=${URL_OF_DB}`, "node", "main.js"] }],
    [{ command: ["docker", "run", "-e", `DATABASE_URL=${URL_OF_DB}`, "shop"] }],
    [{ args: ["sh", "-c", "export DATABASE_URL=$(cat /secret); node main.js"] }],
    [
      {
        lifecycle: {
          postStart: { exec: { command: ["sh", "-c", "DATABASE_URL=$X npx prisma migrate deploy"] } },
        },
      },
    ],
    [{ lifecycle: { preStop: { exec: { command: ["sh", "-c", "DATABASE_URL=$X node drain.js"] } } } }],
    [{ livenessProbe: { exec: { command: ["sh", "-c", "DATABASE_URL=$X node healthy.js"] } } }],
    [{ readinessProbe: { exec: { command: ["sh", "-c", "DATABASE_URL=$X node ready.js"] } } }],
    [{ startupProbe: { exec: { command: ["sh", "-c", "DATABASE_URL=$X node started.js"] } } }],
  ])("may set the variable: %j", (fields) => {
    expect(pools(fields)).toEqual(hidden())
  })

  test.each<[fields: Values]>([
    [{ command: ["node", "--env-file=/config/.env", "main.js"] }],
    [{ command: ["sh", "-c", ". /vault/secrets/env && node main.js"] }],
    [{ command: ["sh", "-c", "source /vault/secrets/env; exec node main.js"] }],
    [{ command: ["dotenv", "--", "node", "main.js"] }],
    [{ command: ["doppler", "run", "--", "node", "main.js"] }],
    [{ command: ["infisical"], args: ["run", "--", "node", "main.js"] }],
  ])("may read it from elsewhere: %j", (fields) => {
    expect(pools(fields)).toEqual(perhaps)
    expect(pools({ ...fields, env: VARIABLES })).toEqual(size(10))
  })

  test("may set it in any other notation", () => {
    const { unknown: found } = pools({ command: ["docker", "run", `-eDATABASE_URL=${URL_OF_DB}`, "shop"] })
    expect(found).toContain("deployment/api.DATABASE_URL: environment")
  })

  test("may have another URL", () => {
    expect(pools({ args: ["--dsn", URL_OF_DB] }).unknown).toEqual([
      "deployment/api.URL 1 of its command: variable",
    ])
  })
})

test("an agent that writes secrets into pods may set it", () => {
  for (const name of [
    "vault.hashicorp.com/agent-inject",
    "operator.1password.io/inject",
    "conjur.org/secrets",
  ]) {
    const own = { containers: [client({ env: [] })], labels: { annotations: { [name]: "true" } } }
    expect(unknown(reading([deployment("api", own)], KEYS))).toEqual([
      "deployment/api.DATABASE_URL: environment",
    ])
  }
  const other = {
    containers: [client({ env: [] })],
    labels: { annotations: { "prometheus.io/scrape": "true" } },
  }
  expect(unknown(reading([deployment("api", other)], KEYS))).toEqual([])
})

test("programs that read no such variable connect nothing, whatever else they have", () => {
  const images = [
    "nginx:1.29",
    "redis:7",
    "docker.io/bitnami/redis:7",
    "grafana/grafana:11",
    "quay.io/prometheus/node-exporter",
  ]
  for (const image of images) {
    expect(pools({ image, envFrom: [{ secretRef: { name: "gone" } }] }), image).toEqual(nothing)
  }
  expect(pools({ image: "nginx:1.29", env: VARIABLES })).toEqual(size(10))
  expect(
    pools({ image: "registry.example.org/shop/nginx", envFrom: [{ secretRef: { name: "gone" } }] }),
  ).toEqual(perhaps)
})

test("a program beside a server in its pod is a client", () => {
  const db = { name: "db", image: "postgres:17", env: env({ DATABASE_URL: "x", POSTGRES_PASSWORD: "x" }) }
  const both = deployment("both", { containers: [db, client()] })
  const fleet = fleetFromKubernetes(yaml([both]))
  expect(sizes(fleet)).toEqual({ "deployment/both": 10 })
  expect(fleet.servers.map(({ address }) => address)).toEqual(["deployment/both"])
  expect(connecting(fleetFromKubernetes(yaml(SERVER)))).toEqual([])
})

test("values of Secrets are in no result and in no error", () => {
  const value = "hunter2"
  const objects = [
    secret("s", {
      DATABASE_URL: `postgresql://app:${value}@elsewhere/shop`,
      DIRECT_URL: `postgresql://${value}@db/shop`,
      TOKEN: value,
      ".env": `DATABASE_URL=postgresql://${value}@db/shop\nTOKEN=${value}`,
    }),
    object("v1", "Secret", "bad", { data: { PRISMA_POOL_SIZE: btoa(value), X: `${value}%` } }),
    deployment("api", {
      containers: [
        client({
          env: [],
          envFrom: [{ secretRef: { name: "s" } }],
          volumeMounts: [{ name: "v", mountPath: "/s" }],
        }),
      ],
      pod: { volumes: [{ name: "v", secret: { secretName: "s" } }] },
    }),
  ]
  const encoded = [value, btoa(value), btoa(`postgresql://app:${value}@elsewhere/shop`)]
  const told = JSON.stringify(reading(objects, KEYS))
  for (const each of encoded) expect(told).not.toContain(each)
  const { issues } = refusal(() =>
    reading(
      [
        ...objects,
        deployment("worker", {
          containers: [
            client({ envFrom: [{ secretRef: { name: "bad" } }], env: env({ DATABASE_URL: URL_OF_DB }) }),
          ],
        }),
      ],
      KEYS,
    ),
  )
  expect(issues.map(({ name }) => name)).toEqual([
    expect.stringMatching(/deployment\/worker\.PRISMA_POOL_SIZE$/),
  ])
  for (const each of encoded) expect(JSON.stringify(issues)).not.toContain(each)
})
