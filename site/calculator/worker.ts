/// <reference lib="webworker" />
import { answer } from "./evaluate.ts"

// A sweep over 28 years of many jobs takes longer than a key stroke may.
self.addEventListener("message", ({ data }: MessageEvent<string>) => {
  self.postMessage(answer(JSON.parse(data)))
})
