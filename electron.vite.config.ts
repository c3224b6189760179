import { resolve } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'electron-vite'

const at = (path: string): string => resolve(import.meta.dirname, path)

export default defineConfig({
  main: {
    build: {
      outDir: at('out/main'),
      sourcemap: true,
      // Only native modules stay outside the bundle (package.json: dependencies).
      externalizeDeps: true,
      rolldownOptions: {
        input: {
          index: at('src-main/index.ts'),
          serve: at('src-main/serve.ts'),
          cli: at('src-main/cli.ts'),
          engine: at('src-main/engine.ts'),
          'job-worker': at('src-main/jobs/worker.ts'),
          'row-worker': at('src-main/language-model/row-worker.ts'),
          'step-worker': at('src-main/backends/cpu/step-worker.ts'),
          'trainee-worker': at('src-main/backends/trainee-worker.ts'),
          'stitch-worker': at('src-main/stitch/stitch-worker.ts'),
          'feature-worker': at('src-main/features/worker.ts'),
        },
        // Flat, so that import.meta.dirname is out/main in every chunk (see src-main/places.ts).
        output: { chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: at('out/preload'),
      externalizeDeps: false, // a sandboxed preload cannot require() from node_modules
      rolldownOptions: {
        input: { index: at('src-preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' }, // sandbox: true needs CommonJS
      },
    },
  },
  renderer: {
    root: at('src-renderer'),
    publicDir: at('resources/public'),
    plugins: [svelte({ configFile: false })],
    build: {
      outDir: at('out/renderer'),
      minify: true,
      rolldownOptions: { input: at('src-renderer/index.html') },
    },
  },
})
