// Draws resources/icons/icon.svg at every size and puts the pictures into icon.png, icon.ico (Windows) and icon.icns (macOS).
import { readFileSync, writeFileSync } from 'node:fs'
import { chromium as browserType } from '@playwright/test'
import { chromium } from './chromium.mjs'
import { at } from './setup.mjs'

const ICO_SIZES = [16, 24, 32, 48, 64, 128, 256]
/** Names that macOS knows PNG pictures by, with their sizes in pixels. */
const ICNS = {
  icp4: 16,
  icp5: 32,
  ic11: 32,
  ic12: 64,
  ic07: 128,
  ic13: 256,
  ic08: 256,
  ic14: 512,
  ic09: 512,
  ic10: 1024,
}

async function draw(sizes) {
  const browser = await browserType.launch({
    executablePath: chromium() ?? undefined,
    args: ['--no-sandbox'],
  })
  const svg = readFileSync(at('resources/icons/icon.svg'), 'utf8')
  const page = await browser.newPage()
  const pictures = {}
  for (const size of sizes) {
    await page.setViewportSize({ width: size, height: size })
    await page.setContent(
      `<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`,
    )
    pictures[size] = await page.screenshot({ omitBackground: true })
  }
  await browser.close()
  return pictures
}

/** A directory of sixteen bytes per picture, then the pictures. */
function ico(pictures) {
  const head = Buffer.alloc(6 + 16 * ICO_SIZES.length)
  head.writeUInt16LE(1, 2)
  head.writeUInt16LE(ICO_SIZES.length, 4)
  let offset = head.length
  ICO_SIZES.forEach((size, i) => {
    const at = 6 + 16 * i
    head.writeUInt8(size % 256, at) // 0 stands for 256
    head.writeUInt8(size % 256, at + 1)
    head.writeUInt16LE(1, at + 4)
    head.writeUInt16LE(32, at + 6)
    head.writeUInt32LE(pictures[size].length, at + 8)
    head.writeUInt32LE(offset, at + 12)
    offset += pictures[size].length
  })
  return Buffer.concat([head, ...ICO_SIZES.map((size) => pictures[size])])
}

const chunk = (name, bytes) => {
  const head = Buffer.alloc(8)
  head.write(name, 'latin1')
  head.writeUInt32BE(8 + bytes.length, 4)
  return Buffer.concat([head, bytes])
}
const icns = (pictures) =>
  chunk('icns', Buffer.concat(Object.entries(ICNS).map(([name, size]) => chunk(name, pictures[size]))))

const pictures = await draw(new Set([...ICO_SIZES, ...Object.values(ICNS)]))
writeFileSync(at('resources/icons/icon.png'), pictures[1024])
writeFileSync(at('resources/icons/icon.ico'), ico(pictures))
writeFileSync(at('resources/icons/icon.icns'), icns(pictures))
