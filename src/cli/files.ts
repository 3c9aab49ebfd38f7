/** A command's access to files. All paths are absolute. */
export interface Files {
  /** Reads a file. Rejects with an error that has the `code` of the system, such as ENOENT. */
  readonly read: (path: string) => Promise<Uint8Array>
  /** Reads a file at once; undefined if it cannot be read. */
  readonly readNow: (path: string) => Uint8Array | undefined
  /** Tells what a path leads to, through links. */
  readonly kindOf: (path: string) => Promise<"directory" | "file" | "other" | "nothing">
  /** Lists the names in a directory, with the path of it that has no link in it. */
  readonly list: (path: string) => Promise<{ readonly path: string; readonly names: readonly string[] }>
  /** Runs a JavaScript module, and returns its default export. */
  readonly importDefault: (path: string) => Promise<unknown>
  /** Appends text to a file, which need not exist. */
  readonly append: (path: string, text: string) => Promise<void>
  /** Writes a file. */
  readonly write: (path: string, text: string) => Promise<void>
}
