// Every screen, in one place: its address, its room in the rail, its crumbs, and where its code is.
import AudioLines from '@lucide/svelte/icons/audio-lines'
import ChartSpline from '@lucide/svelte/icons/chart-spline'
import Combine from '@lucide/svelte/icons/combine'
import GitCompareArrows from '@lucide/svelte/icons/git-compare-arrows'
import House from '@lucide/svelte/icons/house'
import ScanSearch from '@lucide/svelte/icons/scan-search'
import type { Component } from 'svelte'

export interface Crumb {
  label: string
  path?: string
}
export type ViewParams = Record<string, string>
export interface ViewProps {
  params: ViewParams
}
export interface ViewEntry {
  /** Pattern of the address; parts that begin with `:` become `params`. The first that fits is shown. */
  at: string
  /** The item of the rail that is lit. */
  room: string
  /** After the workspace's name; `nameOf` gives the name of a thing by its id. */
  crumbs: (params: ViewParams, nameOf: (id: string) => string) => Crumb[]
  /** The view's component; it is given `params` and may leave them. */
  load: () => Promise<{ default: Component<ViewProps> | Component<Record<string, never>> }>
}
export interface Room {
  id: string
  label: string
  icon: Component<{ size?: number | string; strokeWidth?: number | string }>
  path: string
  /** Second key of the sequence that goes there: `g h`. */
  key: string
}

/** The rail, top to bottom: the order of the work. */
export const rooms: Room[] = [
  { id: 'home', label: 'Home', icon: House, path: '/home', key: 'h' },
  { id: 'harvest', label: 'Harvest', icon: AudioLines, path: '/harvest', key: 'a' },
  { id: 'train', label: 'Train', icon: ChartSpline, path: '/train', key: 't' },
  { id: 'features', label: 'Features', icon: ScanSearch, path: '/features', key: 'f' },
  { id: 'compare', label: 'Compare', icon: GitCompareArrows, path: '/compare', key: 'c' },
  { id: 'stitch', label: 'Stitch', icon: Combine, path: '/stitch', key: 's' },
]

const home: ViewEntry['load'] = () => import('./home/HomeView.svelte')
const features: ViewEntry['load'] = () => import('./features/FeaturesView.svelte')
const train: ViewEntry['load'] = () => import('./train/TrainView.svelte')
const compare: ViewEntry['load'] = () => import('./compare/CompareView.svelte')
const many: ViewEntry['load'] = () => import('./compare-many/ManyView.svelte')
const stitch: ViewEntry['load'] = () => import('./stitch/StitchView.svelte')

export const views: ViewEntry[] = [
  { at: '/home', room: 'home', crumbs: () => [], load: home },
  {
    at: '/home/:id',
    room: 'home',
    crumbs: ({ id }, nameOf) => [{ label: nameOf(id) }],
    load: home,
  },
  {
    at: '/demo/concepts',
    room: 'home',
    crumbs: () => [{ label: 'Concepts' }],
    load: () => import('./demo/ConceptsView.svelte'),
  },
  {
    at: '/harvest',
    room: 'harvest',
    crumbs: () => [{ label: 'Harvest' }],
    load: () => import('./harvest/HarvestView.svelte'),
  },
  { at: '/train', room: 'train', crumbs: () => [{ label: 'Train' }], load: train },
  {
    at: '/train/:run',
    room: 'train',
    crumbs: ({ run }, nameOf) => [{ label: 'Train', path: '/train' }, { label: nameOf(run) }],
    load: train,
  },
  { at: '/compare', room: 'compare', crumbs: () => [{ label: 'Compare' }], load: compare },
  {
    at: '/compare/splitting',
    room: 'compare',
    crumbs: () => [{ label: 'Compare', path: '/compare' }, { label: 'Splitting' }],
    load: () => import('./splitting/SplittingView.svelte'),
  },
  {
    at: '/compare/many',
    room: 'compare',
    crumbs: () => [{ label: 'Compare', path: '/compare' }, { label: 'Many SAEs' }],
    load: many,
  },
  {
    at: '/compare/many/:id',
    room: 'compare',
    crumbs: ({ id }, nameOf) => [
      { label: 'Compare', path: '/compare' },
      { label: 'Many SAEs', path: '/compare/many' },
      { label: nameOf(id) },
    ],
    load: many,
  },
  {
    at: '/compare/:id',
    room: 'compare',
    crumbs: ({ id }, nameOf) => [{ label: 'Compare', path: '/compare' }, { label: nameOf(id) }],
    load: compare,
  },
  { at: '/features', room: 'features', crumbs: () => [{ label: 'Features' }], load: features },
  {
    at: '/sae/:id/features',
    room: 'features',
    crumbs: ({ id }, nameOf) => [{ label: nameOf(id), path: `/sae/${id}/features` }],
    load: features,
  },
  {
    at: '/sae/:id/feature/:number',
    room: 'features',
    crumbs: ({ id, number }, nameOf) => [
      { label: nameOf(id), path: `/sae/${id}/features` },
      { label: `feature ${number}` },
    ],
    load: features,
  },
  { at: '/stitch', room: 'stitch', crumbs: () => [{ label: 'Stitch' }], load: stitch },
  {
    at: '/stitch/:id',
    room: 'stitch',
    crumbs: ({ id }, nameOf) => [{ label: 'Stitch', path: '/stitch' }, { label: nameOf(id) }],
    load: stitch,
  },
  {
    at: '/settings',
    room: 'settings',
    crumbs: () => [{ label: 'Settings' }],
    load: () => import('./settings/SettingsView.svelte'),
  },
  {
    at: '/help',
    room: 'help',
    crumbs: () => [{ label: 'Help' }],
    load: () => import('./help/HelpView.svelte'),
  },
]
