import { emitKeypressEvents, type Key } from "node:readline"
import type { ReadStream, WriteStream } from "node:tty"

const SCREEN_KEYS = ["up", "down", "pageup", "pagedown", "home", "end", "p"] as const

/** The keys that move through a screen, or pause it. */
export type ScreenKey = (typeof SCREEN_KEYS)[number]

/** A terminal that a command redraws. */
export interface Terminal {
  /** True if keys are read, because stdin is a terminal as well. */
  readonly hasKeys: boolean
  /** Gives the terminal back as it was, with what it showed before. */
  readonly close: () => void
}

export interface TerminalListener {
  readonly pressed: (key: ScreenKey) => void
  readonly resized: () => void
}

// The alternate screen is not scrolled or wrapped anew when the window changes, and leaves the shell's own lines alone.
const ENTER = "\u001b[?1049h\u001b[?25l"
const LEAVE = "\u001b[?25h\u001b[?1049l"

/**
 * Takes over the terminal until it is closed. Without echo and line editing Ctrl-C is a byte: it and `q` become the
 * signal that they would have been.
 *
 * @param stdin undefined if no keys are wanted
 */
export function openTerminal(
  stdin: ReadStream | undefined,
  stdout: WriteStream,
  { pressed, resized }: TerminalListener,
): Terminal {
  const keys = stdin?.isTTY === true ? stdin : undefined
  const onKey = (_: string | undefined, { name = "", ctrl = false }: Key) => {
    if (name === (ctrl ? "c" : "q")) process.emit("SIGINT", "SIGINT")
    else if (isScreenKey(name) && !ctrl) pressed(name)
  }
  let isOpen = true
  function close() {
    if (!isOpen) return
    isOpen = false
    process.off("uncaughtExceptionMonitor", close)
    stdout.off("resize", resized)
    stdout.write(LEAVE)
    keys?.off("keypress", onKey).setRawMode(false).pause()
  }
  // An error that nothing catches would be printed on the alternate screen.
  process.on("uncaughtExceptionMonitor", close)
  stdout.on("resize", resized)
  stdout.write(ENTER)
  if (keys !== undefined) {
    emitKeypressEvents(keys)
    // A terminal that is gone cannot be read; SIGHUP tells so, too.
    keys.on("keypress", onKey).on("error", () => {})
    keys.setRawMode(true).resume()
  }
  return { hasKeys: keys !== undefined, close }
}

const isScreenKey = (name: string): name is ScreenKey => SCREEN_KEYS.some((key) => key === name)
