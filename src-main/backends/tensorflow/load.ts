import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import util from 'node:util'
import { problem } from '#contract/problem.ts'

/** TensorFlow.js, whichever package it comes from: the code of this folder runs on any of its backends. */
export type Tf = typeof import('@tensorflow/tfjs')

/**
 * An optional dependency whose own install script is not run: it would fetch 1 GB of TensorFlow, for CUDA, on every
 * machine. Whoever has the GPU runs it once.
 */
const PACKAGE = '@tensorflow/tfjs-node-gpu'
/** Fetches TensorFlow's library and the binding; `npm rebuild` would obey package.json, which denies the script. */
const COMPLETE = `npm explore ${PACKAGE} -- npm run install`

/**
 * Loads TensorFlow with its native binding, from the folder that SUTURE_TENSORFLOW names or beside the app.
 * @throws Problem not-available with the loader's own reason (missing package, missing libtensorflow, wrong CUDA …)
 */
export async function loadTensorflow(): Promise<Tf> {
  restoreUtil()
  // Otherwise TensorFlow takes the whole GPU at once.
  process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true'
  try {
    const tf = requireFrom(process.env['SUTURE_TENSORFLOW'])(PACKAGE) as Tf
    await tf.ready()
    return tf
  } catch (error) {
    throw problem('not-available', 'tensorflow backend', reasonOf(error), nextStep(error))
  }
}

/** Looks in the named folder's node_modules, else in our own. */
const requireFrom = (folder: string | undefined): NodeJS.Require =>
  createRequire(folder ? join(resolve(folder), 'package.json') : import.meta.filename)

/** tfjs-node 4.22 calls two helpers that Node removed in version 23. */
function restoreUtil(): void {
  const old = util as { isNullOrUndefined?: (v: unknown) => boolean; isArray?: (v: unknown) => boolean }
  old.isNullOrUndefined ??= (v) => v === null || v === undefined
  old.isArray ??= Array.isArray
}

/** The package is there without its library, or is not there at all: in the packaged app, or where it was left out. */
function nextStep(error: unknown): string {
  const isThere = !(error instanceof Error && error.message.includes(`'${PACKAGE}'`))
  return isThere
    ? `Run "${COMPLETE}" in the program's folder (Linux or Windows, CUDA 11.2, cuDNN 8.1), or train on the cpu backend.`
    : `Install ${PACKAGE} in a folder and name that in SUTURE_TENSORFLOW, or train on the cpu backend.`
}

/** The first line of what the loader said; the rest is its search path. Paths begin where our packages lie. */
function reasonOf(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error)
  return words
    .split('\n')[0]
    .trim()
    .replace(/[^\s'"]*[\\/](?=node_modules[\\/])/g, '')
}
