import { describe, expect, test } from 'vitest'
import { modelPicture, pointBeside } from '../../../src-renderer/charts/model-picture.ts'
import { fakeWorkspace } from '../fake-workspace.ts'

const [model] = fakeWorkspace().models
const picture = modelPicture(model, 800)

describe('the picture of a model', () => {
  test('has every hook point once, none on top of another', () => {
    expect(picture.points.map(({ name }) => name).sort()).toEqual(
      model.hookPoints.map(({ name }) => name).sort(),
    )
    for (const a of picture.points)
      for (const b of picture.points)
        if (a !== b) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(24)
  })
  test('stays within its width and height', () => {
    for (const { x, y } of picture.points) {
      expect(x).toBeLessThan(800)
      expect(y).toBeLessThan(picture.height)
    }
  })
  test('with parallel residual has both branches leave and join at one place', () => {
    const parallel = modelPicture({ ...model, parallelResidual: true }, 800)
    expect(parallel.blocks[0].boxes[0].x).toBe(parallel.blocks[0].boxes[1].x)
    expect(parallel.points.some(({ short }) => short === 'hook_resid_mid')).toBe(false)
  })
  test('is walked with the arrow keys: along a block, and to the same place in the next', () => {
    const beside = (name: string, key: string): string | null => pointBeside(picture.points, name, key)
    expect(beside('blocks.1.hook_resid_pre', 'ArrowRight')).toBe('blocks.1.attn.hook_z')
    expect(beside('blocks.1.hook_mlp_out', 'ArrowDown')).toBe('blocks.2.hook_mlp_out')
    expect(beside('blocks.0.hook_resid_pre', 'ArrowUp')).toBe('hook_embed')
    expect(beside('hook_embed', 'ArrowDown')).toBe('blocks.0.hook_resid_pre')
    expect(beside('blocks.4.hook_resid_post', 'ArrowRight')).toBeNull()
    expect(beside('blocks.4.hook_resid_post', 'ArrowDown')).toBeNull()
  })
})
