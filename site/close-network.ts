/** The ways out of a worker. */
const NETWORK = [
  "fetch",
  "XMLHttpRequest",
  "WebSocket",
  "WebSocketStream",
  "EventSource",
  "WebTransport",
  "FontFace",
  "caches",
  "importScripts",
  "Worker",
]

/** Takes from a worker what makes requests: the policy of a page does not hold in its worker, where that is a file. */
export function closeNetwork(): void {
  for (const name of NETWORK) Object.defineProperty(globalThis, name, { value: undefined })
}
