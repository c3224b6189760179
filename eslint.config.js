import js from '@eslint/js'
import prettier from 'eslint-config-prettier/flat'
import svelte from 'eslint-plugin-svelte'
import globals from 'globals'
import ts from 'typescript-eslint'
import { defineConfig, globalIgnores } from 'eslint/config'

const notFrom = (...patterns) => ['error', { patterns: patterns.map((regex) => ({ regex })) }]

export default defineConfig(
  globalIgnores([
    '.cache/',
    'out/',
    'dist/',
    'node_modules/',
    'test/standin/page.js',
    'src-main/**/kernels/', // AssemblyScript, checked by its own compiler
  ]),
  js.configs.recommended,
  ts.configs.recommended,
  svelte.configs.recommended,
  prettier,
  svelte.configs.prettier,
  { files: ['**/*.ts', '**/*.svelte'], rules: { 'no-undef': 'off' } }, // TypeScript says which names exist
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-explicit-any': 'error',
    },
  },
  {
    files: ['src-main/**', 'src-preload/**', 'test/**', 'scripts/**', '*.ts', '*.js'],
    languageOptions: { globals: globals.node },
  },
  { files: ['src-renderer/**'], languageOptions: { globals: globals.browser } },
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { parserOptions: { parser: ts.parser } } },
  {
    // The renderer meets the rest of the program in the contract only.
    files: ['src-renderer/**'],
    rules: { '@typescript-eslint/no-restricted-imports': notFrom('^electron', '^node:', 'src-main') },
  },
  {
    files: ['src-preload/contract/**', 'src-preload/figures/**', 'src-main/math/**'],
    rules: { '@typescript-eslint/no-restricted-imports': notFrom('^electron', '^node:', '^#', '^\\.\\./') },
  },
)
