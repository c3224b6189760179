import { z } from 'zod'
import { problem } from '#contract/problem.ts'
import { byDefault, fromFile, fromFileOrUnknown, guess, PLAIN } from './claims.ts'
import { maybe, parseConfig } from './config.ts'
import { slotsNamed, type Found } from './found.ts'
import { hookOf } from './hook-spelling.ts'
import { above, fileNamed, pathOf, type SaeFiles } from './source.ts'

// EleutherAI/sparsify (sparse_coder.py): one folder a hook point with cfg.json + sae.safetensors, the run's config.json
// above. encoder is an nn.Linear [d_sae, d_in]; W_dec is [d_sae, d_in] as it is, and must not be transposed.

const Cfg = z.looseObject({
  d_in: z.int().min(1),
  num_latents: maybe(z.int()),
  expansion_factor: maybe(z.number()),
  k: z.int().min(1).default(32),
  activation: maybe(z.string()),
  signed: maybe(z.boolean()),
  transcode: maybe(z.boolean()),
  skip_connection: maybe(z.boolean()),
})
const Run = z.looseObject({ model: maybe(z.string()), ctx_len: maybe(z.int()), dataset: maybe(z.string()) })

/** The SAE of a hook point's folder. */
export function findSparsify(files: SaeFiles, folder: string): Found | null {
  const weights = fileNamed(files, folder, ['sae.safetensors'])
  const cfgName = fileNamed(files, folder, ['cfg.json'])
  if (weights === null || cfgName === null) return null
  const path = pathOf(files, folder)
  const cfg = parseConfig(Cfg, files.json(cfgName), pathOf(files, cfgName))
  const file = files.tensors(weights)
  if (cfg.transcode || cfg.skip_connection || file.tensors.has('W_skip'))
    throw problem(
      'unsupported',
      path,
      'it is a transcoder: it predicts the output of a module from its input',
      'Suture works with SAEs.',
    )
  if ((cfg.activation ?? 'topk') !== 'topk' || cfg.signed)
    throw problem(
      'unsupported',
      path,
      `its activation is ${cfg.signed ? 'signed topk' : `"${cfg.activation}"`}; "topk" can be read`,
    )
  const runName = above(cfgName, 'config.json')
  const run = parseConfig(Run, files.has(runName) ? files.json(runName) : {}, pathOf(files, runName))
  // num_latents 0 means "by expansion_factor".
  const dSae = cfg.num_latents || cfg.d_in * (cfg.expansion_factor ?? 32)
  const hook = hookOf(folder === '' ? files.where : folder)
  return {
    format: 'sparsify',
    path,
    dIn: cfg.d_in,
    dSae,
    slots: slotsNamed(file, {
      W_enc: 'encoder.weight',
      b_enc: 'encoder.bias',
      W_dec: 'W_dec',
      b_dec: 'b_dec',
    }),
    claims: {
      ...PLAIN,
      architecture: fromFile('topk'),
      k: fromFile(cfg.k),
      W_enc: byDefault('rows are features'),
      W_dec: byDefault('rows are features'),
      hook: hook === null ? byDefault(null) : guess(hook),
      model: fromFileOrUnknown(run.model),
      context: fromFileOrUnknown(run.ctx_len),
    },
    warnings: [],
    metadata: run.dataset === undefined ? {} : { dataset_path: run.dataset },
  }
}
