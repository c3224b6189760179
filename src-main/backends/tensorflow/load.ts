import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import util from 'node:util'
import { problem } from '#contract/problem.ts'

/** TensorFlow.js, whichever package it comes from: the code of this folder runs on any of its backends. */
export type Tf = typeof import('@tensorflow/tfjs')

/** Not a dependency that must be there: it brings 1 GB of TensorFlow and wants CUDA. */
const PACKAGE = '@tensorflow/tfjs-node-gpu'

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
    throw problem(
      'not-available',
      'tensorflow backend',
      reasonOf(error),
      `Install ${PACKAGE} and name its folder in SUTURE_TENSORFLOW, or train on the cpu backend.`,
    )
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

/** The first line of what the loader said; the rest is its search path. */
function reasonOf(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error)
  return words.split('\n')[0].trim()
}
