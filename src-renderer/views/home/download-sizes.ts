import type { DownloadPlan } from '#contract/model.ts'

type Files = DownloadPlan['files']

/** Bytes that are not in the cache yet. */
export const toDownload = (files: Files): number =>
  files.reduce((sum, { bytes, hereBytes }) => sum + bytes - hereBytes, 0)

export const wholeSize = (files: Files): number => files.reduce((sum, { bytes }) => sum + bytes, 0)
