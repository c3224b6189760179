// What is wrong with a model folder is said in one sentence that names the file, the field or the tensor.
import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { problemOf, sentence } from '#contract/problem.ts'
import { inspectFolder } from '../../../src-main/language-model/inspect.ts'
import { openLanguageModel } from '../../../src-main/language-model/language-model.ts'
import { f32Tensor, openSafetensors } from '../../../src-main/store/safetensors.ts'
import { copyOf, editConfig, editWeights, temporaryFolder } from './edit-checkpoint.ts'
import { maxDifference, modelOf } from './model-of.ts'

const refusal = async (folder: string, centred = false): Promise<string> => {
  try {
    await inspectFolder(folder, centred)
  } catch (error) {
    expect(problemOf(error).code, String(error)).not.toBe('internal')
    return sentence(problemOf(error))
  }
  throw new Error('the folder was accepted')
}

describe('weights that do not fit config.json are refused with the tensor', () => {
  const weight = 'model.layers.1.mlp.up_proj.weight'

  test('missing: its name and the shape that is wanted', async () => {
    const folder = copyOf('qwen2')
    editWeights(folder, (tensors) => delete tensors[weight])
    expect(await refusal(folder)).toMatch(/"model\.layers\.1\.mlp\.up_proj\.weight" is missing.*\[40, 32\]/)
  })

  test('extra: its name and the shape it has', async () => {
    const folder = copyOf('qwen2')
    editWeights(
      folder,
      (tensors) => (tensors['model.layers.2.mlp.x'] = f32Tensor([2, 3], new Float32Array(6))),
    )
    expect(await refusal(folder)).toMatch(
      /"model\.layers\.2\.mlp\.x" of shape \[2, 3\] is not part of the model/,
    )
  })

  test('of another shape: both shapes', async () => {
    const folder = copyOf('qwen2')
    editWeights(folder, (tensors) => (tensors[weight] = { ...tensors[weight], shape: [32, 40] }))
    expect(await refusal(folder)).toMatch(
      /up_proj\.weight" has shape \[32, 40\], config\.json asks for \[40, 32\]/,
    )
  })

  test('of integers: its type', async () => {
    const folder = copyOf('qwen2')
    editWeights(folder, (tensors) => (tensors[weight] = { ...tensors[weight], dtype: 'I16' }))
    expect(await refusal(folder)).toMatch(/up_proj\.weight" has type I16/)
  })

  test('a file cut short is a broken file, not a model of zeros', async () => {
    const folder = copyOf('qwen2')
    truncateSync(join(folder, 'model.safetensors'), 20_000)
    expect(await refusal(folder)).toMatch(/ends at byte .* the file has 20000/)
  })

  test('an untied head that is missing is not replaced by the embedding', async () => {
    const folder = copyOf('qwen2')
    editConfig(folder, { tie_word_embeddings: false })
    expect(await refusal(folder)).toMatch(/"lm_head\.weight" is missing/)
  })

  test('a missing shard, a broken index, a shard outside the folder', async () => {
    const folder = copyOf('llama-linear-biases')
    const index = join(folder, 'model.safetensors.index.json')
    rmSync(join(folder, 'model-00002-of-00002.safetensors'))
    expect(await refusal(folder)).toMatch(
      /model-00002-of-00002\.safetensors: this shard of the weights is missing/,
    )
    writeFileSync(index, '{"weight_map": 3}')
    expect(await refusal(folder)).toMatch(/index\.json: it is not JSON with a "weight_map"/)
    writeFileSync(index, '{"weight_map": {"a": "../elsewhere.safetensors"}}')
    expect(await refusal(folder)).toMatch(/"\.\.\/elsewhere\.safetensors" is not a plain file name/)
  })

  test('weights that are only there as a pickle', async () => {
    const folder = copyOf('qwen2')
    renameSync(join(folder, 'model.safetensors'), join(folder, 'pytorch_model.bin'))
    expect(await refusal(folder)).toMatch(/Python pickle/)
  })
})

describe('a config.json that cannot be followed is refused with the field', () => {
  test.each([
    [
      'an unknown architecture',
      { model_type: 'mamba' },
      /architecture "mamba" is not implemented \(llama, .*gpt2, gpt_neox are\)/,
    ],
    ['no model type', { model_type: undefined }, /has no "model_type"/],
    ['a missing size', { hidden_size: undefined }, /config\.json: "hidden_size" is missing/],
    ['a size that is none', { num_hidden_layers: -2 }, /"num_hidden_layers" is -2/],
    ['heads that cannot share', { num_key_value_heads: 3 }, /4 attention heads for 3 key-value heads/],
    ['an unknown activation function', { hidden_act: 'xielu' }, /"hidden_act" is "xielu".*not implemented/],
    ['quantised weights', { quantization_config: { bits: 4 } }, /quantised/],
    [
      'an unknown rotary scaling',
      { rope_scaling: { rope_type: 'mrope', factor: 4 } },
      /"mrope" scaling, which is not implemented/,
    ],
    [
      'longrope scaling with too few factors',
      { rope_scaling: { rope_type: 'longrope', short_factor: [1], long_factor: [1] } },
      /longrope rotary scaling lacks its numbers/,
    ],
    [
      'llama3 scaling without its numbers',
      { rope_scaling: { rope_type: 'llama3' } },
      /llama3 rotary scaling lacks/,
    ],
  ])('%s', async (_what, change, words) => {
    const folder = copyOf('qwen2')
    editConfig(folder, change)
    expect(await refusal(folder)).toMatch(words)
  })

  test('broken JSON, a list, no config.json, no folder', async () => {
    const folder = copyOf('qwen2')
    writeFileSync(join(folder, 'config.json'), '{"model_type": "qwen2",')
    expect(await refusal(folder)).toMatch(/config\.json: it is not JSON/)
    writeFileSync(join(folder, 'config.json'), '[]')
    expect(await refusal(folder)).toMatch(/config\.json: it is not a JSON object/)
    rmSync(join(folder, 'config.json'))
    expect(await refusal(folder)).toMatch(/no config\.json/)
    expect(await refusal(join(folder, 'nowhere'))).toMatch(/no such folder/)
  })

  test('centring a model whose norms do not subtract the mean', async () => {
    expect(await refusal(copyOf('qwen2'), true)).toMatch(/centring would change this model/)
  })
})

test('a folder of links, as the Hugging Face cache makes them, is read where the links lead', async () => {
  const cache = temporaryFolder()
  const real = copyOf('neox-parallel')
  const snapshot = join(cache, 'models--org--tiny', 'snapshots', 'abc')
  mkdirSync(join(cache, 'models--org--tiny', 'blobs'), { recursive: true })
  mkdirSync(snapshot, { recursive: true })
  for (const [i, name] of ['config.json', 'model.safetensors'].entries()) {
    renameSync(join(real, name), join(cache, 'models--org--tiny', 'blobs', `blob${i}`))
    symlinkSync(`../../blobs/blob${i}`, join(snapshot, name))
  }
  const thing = await modelOf(snapshot)
  expect(thing.name).toBe('org/tiny')
  const model = await openLanguageModel(thing, { threads: 1 })
  const reference = openSafetensors(join(real, 'reference.safetensors'))
  const [end] = await model.runTo(['layers.1'], reference.readI32('input_ids'), 2)
  expect(maxDifference(end, reference.readF32('blocks.1.hook_resid_post'))).toBeLessThan(1e-4)
  await model.close()
})

test('a sliding window bounds the context, within which it makes no difference', async () => {
  const folder = copyOf('mistral')
  const thing = await modelOf(folder)
  expect(thing.contextSize).toBe(20)
  const model = await openLanguageModel(thing, { threads: 1 })
  await expect(model.tokenLoss(new Int32Array(21), 1)).rejects.toThrow(
    /context of 21 tokens is longer than the 20/,
  )
  await model.close()
})

test('a window that config.json gives layer by layer bounds the context where one layer has it', async () => {
  const contextWith = async (types: string[]): Promise<number> => {
    const folder = copyOf('qwen2')
    editConfig(folder, {
      use_sliding_window: true,
      sliding_window: 8,
      max_window_layers: 0,
      layer_types: types,
    })
    return (await inspectFolder(folder)).contextSize
  }
  expect(await contextWith(['full_attention', 'sliding_attention'])).toBe(8)
  expect(await contextWith(['full_attention', 'full_attention'])).toBe(64)
})

test('a model opened by a thing that says something else is refused', async () => {
  const folder = copyOf('qwen2')
  const thing = await modelOf(folder)
  await expect(openLanguageModel({ ...thing, parameters: 7 })).rejects.toThrow(/holds another model/)
})

test('ids that cannot be are refused before anything runs', async () => {
  const model = await openLanguageModel(await modelOf(copyOf('qwen2')), { threads: 1 })
  await expect(model.tokenLoss(Int32Array.of(1, 2, 48), 1)).rejects.toThrow(
    /token id 48 is outside its vocabulary of 48/,
  )
  await expect(model.tokenLoss(Int32Array.of(1, 2, 3), 2)).rejects.toThrow(/3 token ids do not make 2 rows/)
  await expect(model.runTo(['blocks.2.hook_mlp_out'], Int32Array.of(1), 1)).rejects.toThrow(/no hook point/)
  await expect(model.runFrom('hook_embed', new Float32Array(31), Int32Array.of(1), 1)).rejects.toThrow(
    /31 numbers/,
  )
  await model.close()
})

test('a tied model is counted once, and its size is that of its files', async () => {
  const facts = await inspectFolder(copyOf('qwen2'))
  const file = openSafetensors(join(facts.folder, 'model.safetensors'))
  expect(facts.parameters * 2).toBe(facts.weightBytes)
  expect(file.tensors.has('lm_head.weight')).toBe(false)
  expect(facts.weightDtype).toBe('BF16')
  expect(facts.weightBytes).toBeLessThan(readFileSync(file.file).length)
})
