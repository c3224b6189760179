import { expect, test } from 'vitest'
import { matchPath, readAddress, writeAddress } from '../../../src-renderer/state/address.ts'

test('an address is read and written back', () => {
  const hash = '#/sae/s-1a2b3c/feature/12?sort=density&down=1'
  expect(readAddress(hash)).toEqual({
    path: '/sae/s-1a2b3c/feature/12',
    query: { sort: 'density', down: '1' },
  })
  expect(writeAddress(readAddress(hash))).toBe(hash)
})

test('what is no address is home', () => {
  for (const hash of ['', '#', '#token=secret', '#/'])
    expect(readAddress(hash)).toEqual({ path: '/home', query: {} })
})

test('empty values of the query are left out', () => {
  expect(writeAddress({ path: '/train', query: { with: '', run: 'r-1' } })).toBe('#/train?run=r-1')
})

test('a pattern gives the parts of a path their names, or does not fit', () => {
  expect(matchPath('/sae/:id/feature/:number', '/sae/s-1/feature/7')).toEqual({ id: 's-1', number: '7' })
  expect(matchPath('/sae/:id/features', '/sae/s-1/feature')).toBeNull()
  expect(matchPath('/home', '/home/s-1')).toBeNull()
  expect(matchPath('/home/:id', '/home/')).toBeNull()
  expect(matchPath('/home/:id', '/home/100%')).toEqual({ id: '100%' })
})
