import { describe, expect, test } from "vitest"
import {
  client,
  configMap,
  deployment,
  env,
  object,
  reading,
  secret,
  URL_OF_DB,
  unknown,
  type Values,
} from "./manifests.ts"
import { sizes } from "./resources.ts"

const KEYS = { keys: ["DATABASE_URL"] }
const ENV_FILE = `DATABASE_URL=${URL_OF_DB}\nPRISMA_POOL_SIZE=5\n`

interface Mounted {
  readonly mounts?: readonly Values[]
  readonly container?: Values
}

/** What is unknown of a Deployment that mounts this volume, beside these objects. */
function mounting(
  volume: Values,
  objects: readonly unknown[] = [],
  { mounts, container = {} }: Mounted = {},
): string[] {
  const own = {
    name: "app",
    image: "shop:1",
    volumeMounts: mounts ?? [{ name: "v", mountPath: "/config" }],
    ...container,
  }
  const pod = { volumes: [{ name: "v", ...volume }] }
  return unknown(reading([...objects, deployment("api", { containers: [own], pod })], KEYS))
}

const perhaps = ["deployment/api.DATABASE_URL: environment"]
const ofSecret = (secretName: string, more: Values = {}) => ({ secret: { secretName, ...more } })
const ofMap = (name: string, more: Values = {}) => ({ configMap: { name, ...more } })

describe("a mounted Secret or ConfigMap", () => {
  test("of the manifests has what is in it", () => {
    const plain = { "app.json": '{"log": "info"}', LOG_LEVEL: "info" }
    expect(mounting(ofSecret("s"), [secret("s", plain)])).toEqual([])
    expect(mounting(ofMap("c"), [configMap("c", plain)])).toEqual([])
    expect(mounting(ofSecret("s"), [secret("s", { ".env": ENV_FILE })])).toEqual(perhaps)
    expect(mounting(ofMap("c"), [configMap("c", { "start.sh": "export DATABASE_URL=$(cat /x)" })])).toEqual(
      perhaps,
    )
    expect(mounting(ofSecret("s"), [secret("s", { DATABASE_URL: URL_OF_DB })])).toContain(perhaps[0])
  })

  test("of the manifests has binary files, too", () => {
    const binary = (text: string) => object("v1", "ConfigMap", "c", { binaryData: { ".env": btoa(text) } })
    expect(mounting(ofMap("c"), [binary(ENV_FILE)])).toEqual(perhaps)
    expect(mounting(ofMap("c"), [binary("LOG=info")])).toEqual([])
    const utf16 = Buffer.from(ENV_FILE, "utf16le").toString("base64")
    expect(mounting(ofMap("c"), [object("v1", "ConfigMap", "c", { binaryData: { ".env": utf16 } })])).toEqual(
      perhaps,
    )
  })

  test("of the manifests may have a URL under any name", () => {
    const stored = secret("s", { "database.yaml": `primary:\n  url: ${URL_OF_DB}\n` })
    expect(mounting(ofSecret("s"), [stored])).toEqual(["deployment/api.URL 1 of its files: variable"])
    const elsewhere = secret("s", { url: "postgresql://app@elsewhere.example.org/other" })
    const api = client({ volumeMounts: [{ name: "v", mountPath: "/x" }] })
    const fleet = reading([
      elsewhere,
      deployment("api", { containers: [api], pod: { volumes: [{ name: "v", ...ofSecret("s") }] } }),
    ])
    expect(unknown(fleet)).toEqual([])
    expect(fleet.assumptions.map(({ name }) => name)).toContain("deployment/api.URL 1 of its files")
  })

  test("that is not in the manifests may have it, also if it is optional", () => {
    expect(mounting(ofSecret("gone"))).toEqual(perhaps)
    expect(mounting(ofMap("gone"))).toEqual(perhaps)
    expect(mounting(ofSecret("gone", { optional: true }))).toEqual(perhaps)
    expect(mounting({ secret: {} })).toEqual(perhaps)
  })

  test("leaves a variable of the container's own as it is", () => {
    const own = { container: { env: env({ DATABASE_URL: URL_OF_DB, PRISMA_POOL_SIZE: "3" }) } }
    expect(mounting(ofSecret("gone"), [], own)).toEqual([])
  })

  test("counts only where it is mounted", () => {
    expect(mounting(ofSecret("gone"), [], { mounts: [] })).toEqual([])
    expect(mounting(ofSecret("gone"), [], { mounts: [{ name: "other", mountPath: "/x" }] })).toEqual([])
  })

  test("with the keys that are mounted", () => {
    const stored = [secret("s", { ".env": ENV_FILE, "app.json": "{}" })]
    const item = (key: string, path: string) => ofSecret("s", { items: [{ key, path }] })
    expect(mounting(item("app.json", "app.json"), stored)).toEqual([])
    expect(mounting(item(".env", "production"), stored)).toEqual(perhaps)
    const part = (subPath: string) => ({ mounts: [{ name: "v", mountPath: "/app/x", subPath }] })
    expect(mounting(ofSecret("s"), stored, part("app.json"))).toEqual([])
    expect(mounting(ofSecret("s"), stored, part(".env"))).toEqual(perhaps)
    expect(mounting(item(".env", "a/b"), stored, part("a/b"))).toEqual(perhaps)
    expect(mounting(ofSecret("s"), stored, part("{{ .x }}"))).toEqual(perhaps)
    const twice = {
      mounts: [
        { name: "v", mountPath: "/x", subPath: "app.json" },
        { name: "v", mountPath: "/y" },
      ],
    }
    expect(mounting(ofSecret("s"), stored, twice)).toEqual(perhaps)
  })

  test("with keys of one that is not in the manifests", () => {
    const item = (key: string) => ofSecret("gone", { items: [{ key, path: key }] })
    expect(mounting(item("REDIS_PASSWORD"))).toEqual([])
    expect(mounting(item("DATABASE_URL"))).toEqual(perhaps)
    expect(mounting(item("config.json"))).toEqual(perhaps)
    expect(mounting(item("tls.crt"))).toEqual([])
    expect(
      mounting(ofSecret("gone"), [], { mounts: [{ name: "v", mountPath: "/a.pem", subPath: "a.pem" }] }),
    ).toEqual([])
  })

  test("in a projected volume", () => {
    const projected = (...sources: readonly Values[]) => ({ projected: { sources } })
    expect(mounting(projected({ secret: { name: "gone" } }))).toEqual(perhaps)
    expect(mounting(projected({ configMap: { name: "c" } }), [configMap("c", { ".env": ENV_FILE })])).toEqual(
      perhaps,
    )
    const token = [
      { serviceAccountToken: { path: "token" } },
      { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
      { downwardAPI: { items: [{ path: "namespace", fieldRef: { fieldPath: "metadata.namespace" } }] } },
    ]
    expect(mounting(projected(...token))).toEqual([])
  })
})

describe("a file of the node, or of a driver,", () => {
  test("may have it where a driver mounts secrets", () => {
    for (const driver of [
      "secrets-store.csi.k8s.io",
      "secrets-store-gke.csi.k8s.io",
      "csi.vault.example.org",
    ]) {
      expect(mounting({ csi: { driver, readOnly: true } }), driver).toEqual(perhaps)
    }
    expect(mounting({ flexVolume: { driver: "azure/kv" } })).toEqual(perhaps)
  })

  test("may have it under the usual names", () => {
    for (const path of ["/srv/app/.env", "/srv/app/.env.production", "/srv/shop.env", "/etc/shop/env"]) {
      expect(mounting({ hostPath: { path } }), path).toEqual(perhaps)
    }
    const at = { mounts: [{ name: "v", mountPath: "/app/.env" }] }
    expect(mounting({ hostPath: { path: "/srv/production" } }, [], at)).toEqual(perhaps)
  })

  test.each<[volume: Values]>([
    [{ emptyDir: {} }],
    [{ persistentVolumeClaim: { claimName: "data" } }],
    [{ ephemeral: { volumeClaimTemplate: {} } }],
    [{ downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }] } }],
    [{ hostPath: { path: "/var/run/docker.sock", type: "Socket" } }],
    [{ hostPath: { path: "/var/log" } }],
    [{ csi: { driver: "ebs.csi.aws.com" } }],
    [{ csi: { driver: "csi.cert-manager.io" } }],
    [{ nfs: { server: "nfs", path: "/data" } }],
    [{ image: { reference: "model:1" } }],
  ])("has none: %j", (volume) => {
    expect(mounting(volume)).toEqual([])
  })
})

describe("certificates and tokens have none:", () => {
  test("by the name that tools give them, if they are not in the manifests", () => {
    for (const name of ["api-tls", "root-ca", "client-certs", "tls"])
      expect(mounting(ofSecret(name)), name).toEqual([])
    const certificate = object("cert-manager.io/v1", "Certificate", "x", { spec: { secretName: "own" } })
    const ingress = object("networking.k8s.io/v1", "Ingress", "x", { spec: { tls: [{ secretName: "own" }] } })
    expect(mounting(ofSecret("own"), [certificate])).toEqual([])
    expect(mounting(ofSecret("own"), [ingress])).toEqual([])
  })

  test("unless the manifests show something else in them", () => {
    expect(mounting(ofSecret("api-tls"), [secret("api-tls", { "tls.crt": "x", "tls.key": "y" })])).toEqual([])
    expect(mounting(ofSecret("api-tls"), [secret("api-tls", { ".env": ENV_FILE })])).toEqual(perhaps)
  })

  test("by where a service account's are", () => {
    for (const mountPath of [
      "/var/run/secrets/kubernetes.io/serviceaccount",
      "/run/secrets/kubernetes.io/serviceaccount/",
    ]) {
      expect(mounting(ofSecret("default-token-x7k2p"), [], { mounts: [{ name: "v", mountPath }] })).toEqual(
        [],
      )
    }
  })
})

describe("a variable that names the file of its value", () => {
  test("is set, to what cannot be seen", () => {
    const own = { container: { env: env({ DATABASE_URL_FILE: "/run/secrets/url", PRISMA_POOL_SIZE: "4" }) } }
    expect(mounting({ emptyDir: {} }, [], own)).toEqual([])
    const fleet = reading([deployment("api", { containers: [client(own.container)] })], KEYS)
    expect(sizes(fleet)).toEqual({ "deployment/api": 4 })
    const without = { env: env({ DATABASE_URL_FILE: "/run/secrets/url" }) }
    expect(unknown(reading([deployment("api", { containers: [client(without)] })], KEYS))).toEqual([
      "deployment/api.DATABASE_URL: size",
    ])
  })
})

describe("a Secret that another object makes has", () => {
  /** The size of a pod whose variables come from this Secret. */
  const from = (objects: readonly unknown[], fields: Values = {}) => {
    const containers = [client({ env: [], envFrom: [{ secretRef: { name: "s" } }], ...fields })]
    const fleet = reading([...objects, deployment("api", { containers })], KEYS)
    return { sizes: sizes(fleet), unknown: unknown(fleet) }
  }
  const nothing = { sizes: {}, unknown: [] }
  const has = (variable: string) => ({
    sizes: { "deployment/api": "1 to 10000" },
    unknown: [`deployment/api.${variable}: size`],
  })
  const mayHave = { sizes: { "deployment/api": "nothing to 10000" }, unknown: perhaps }
  const SIZE = { env: env({ PRISMA_POOL_SIZE: "4" }) }

  test("the keys of a SealedSecret, and no others", () => {
    const sealed = (encryptedData: Values, more: Values = {}) =>
      object("bitnami.com/v1alpha1", "SealedSecret", "s", { spec: { encryptedData, ...more } })
    expect(from([sealed({ DATABASE_URL: "Ag" })])).toEqual(has("DATABASE_URL"))
    expect(from([sealed({ DATABASE_URL: "Ag" })], SIZE)).toEqual({
      sizes: { "deployment/api": 4 },
      unknown: [],
    })
    expect(from([sealed({ REDIS_URL: "Ag" })])).toEqual(nothing)
    expect(from([sealed({}, { template: { data: { DATABASE_URL: "{{ .x }}" } } })])).toEqual(
      has("DATABASE_URL"),
    )
    const other = object("bitnami.com/v1alpha1", "SealedSecret", "other", {
      spec: { encryptedData: { DATABASE_URL: "Ag" }, template: { metadata: { name: "s" } } },
    })
    expect(from([other])).toEqual(has("DATABASE_URL"))
    const patch = { metadata: { annotations: { "sealedsecrets.bitnami.com/patch": "true" } } }
    expect(from([object("bitnami.com/v1alpha1", "SealedSecret", "s", { spec: {}, ...patch })])).toEqual(
      mayHave,
    )
  })

  test("the keys of an ExternalSecret, unless it takes whole secrets, makes entries or adds to one", () => {
    const external = (spec: Values) => object("external-secrets.io/v1", "ExternalSecret", "e", { spec })
    const target = { name: "s" }
    const data = [{ secretKey: "DATABASE_URL", remoteRef: { key: "x" } }]
    const others = [{ secretKey: "REDIS_URL", remoteRef: { key: "x" } }]
    expect(from([external({ target, data })])).toEqual(has("DATABASE_URL"))
    expect(from([external({ target, data })], SIZE)).toEqual({ sizes: { "deployment/api": 4 }, unknown: [] })
    expect(from([external({ target, data: others })])).toEqual(nothing)
    expect(from([external({ target: { ...target, creationPolicy: "Owner" }, data: others })])).toEqual(
      nothing,
    )
    expect(from([external({ target, data: others, dataFrom: [{ extract: { key: "x" } }] })])).toEqual(mayHave)
    expect(from([external({ target: { ...target, template: { type: "Opaque" } }, data: others })])).toEqual(
      nothing,
    )
    expect(
      from([external({ target: { ...target, template: { data: { X: "{{ .x }}" } } }, data: others })]),
    ).toEqual(mayHave)
    expect(from([external({ target: { ...target, creationPolicy: "Merge" }, data: others })])).toEqual(
      mayHave,
    )
    // Without a target, it is named like the object.
    const own = object("external-secrets.io/v1", "ExternalSecret", "s", { spec: { data } })
    expect(from([own])).toEqual(has("DATABASE_URL"))
  })

  test("anything if both a Secret and another object make it", () => {
    const own = object("external-secrets.io/v1", "ExternalSecret", "s", {
      spec: { data: [{ secretKey: "X" }] },
    })
    expect(from([secret("s", { LOG: "x" }), own])).toEqual(mayHave)
  })

  test("anything if an object of another kind makes it", () => {
    const vault = object("secrets.hashicorp.com/v1beta1", "VaultStaticSecret", "v", {
      spec: { destination: { name: "s", create: true } },
    })
    expect(from([vault])).toEqual(mayHave)
  })
})

describe("a Secret's value", () => {
  const url = (data: Values) => {
    const containers = [client({ env: [], envFrom: [{ secretRef: { name: "s" } }] })]
    const fleet = reading([object("v1", "Secret", "s", { data }), deployment("api", { containers })], KEYS)
    return { sizes: sizes(fleet), unknown: unknown(fleet) }
  }

  test("that is not base64 is hidden", () => {
    expect(url({ DATABASE_URL: "%%%" })).toEqual({
      sizes: { "deployment/api": "1 to 10000" },
      unknown: ["deployment/api.DATABASE_URL: size"],
    })
    expect(url({ DATABASE_URL: btoa(URL_OF_DB), PRISMA_POOL_SIZE: "$$$" }).unknown).toEqual([
      "deployment/api.PRISMA_POOL_SIZE: size",
    ])
  })

  test("that is not UTF-8 is read as far as it is", () => {
    const bytes = Buffer.concat([
      Buffer.from("postgresql://app:"),
      Buffer.from([0xff, 0xfe]),
      Buffer.from("@db/shop"),
    ])
    expect(url({ DATABASE_URL: bytes.toString("base64") }).sizes).toEqual({ "deployment/api": 15 })
  })

  test("that is empty sets nothing", () => {
    expect(url({ DATABASE_URL: "" })).toEqual({ sizes: {}, unknown: [] })
    expect(url({ DATABASE_URL: null })).toEqual({ sizes: {}, unknown: [] })
  })
})
