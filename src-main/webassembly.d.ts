/** The part of WebAssembly that is used here; neither ES nor @types/node declares it, and "dom" is not for this side. */
declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { initial: number; maximum: number; shared: boolean })
    /** A SharedArrayBuffer where it is shared. */
    readonly buffer: ArrayBufferLike
    /** @returns pages before */
    grow(pages: number): number
  }
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>)
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, unknown>>)
    readonly exports: Record<string, unknown>
  }
}
