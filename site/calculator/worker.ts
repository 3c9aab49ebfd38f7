import { closeNetwork } from "../close-network.ts"
import { answer } from "./evaluate.ts"

closeNetwork()

// A sweep over 28 years of many jobs takes longer than a key stroke may.
addEventListener("message", ({ data }: MessageEvent<string>) => postMessage(answer(JSON.parse(data))))
