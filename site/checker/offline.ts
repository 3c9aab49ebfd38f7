/** The ways out of a worker. */
const NETWORK = [
  "fetch",
  "XMLHttpRequest",
  "WebSocket",
  "EventSource",
  "WebTransport",
  "importScripts",
  "Worker",
]

// The policy of a page does not hold in its worker, where that is a file: nothing in it can make a request.
for (const name of NETWORK) Object.defineProperty(globalThis, name, { value: undefined })
