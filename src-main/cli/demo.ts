import type { Command } from 'commander'
import type { Demo } from '#contract/demo.ts'
import type { RunCommand } from './output.ts'

const OUTDATED = 'It was made with an earlier demo model: "suture demo --anew" prepares it again.'
const percent = (x: number): string => `${(100 * x).toFixed(0)} %`

function table({ concepts }: Demo): string {
  const rows = concepts[0]?.matches.map(({ concept }, c) => {
    const best = concepts.map(({ matches }) =>
      `${percent(matches[c].f1)} (${matches[c].feature})`.padStart(14),
    )
    return `${concept.padEnd(18)}${best.join('')}`
  })
  return ['best F1 per concept and SAE (feature)', ...(rows ?? [])].join('\n')
}

export function registerDemo(program: Command, run: RunCommand): void {
  program
    .command('demo')
    .description('prepare the Demo workspace: a small model, three SAEs, indexed and compared')
    .option('--anew', 'replace one that was made with an earlier demo model')
    .action((options: { anew?: boolean }, command: Command) =>
      run(command, async ({ client, print, follow }) => {
        const { job } = await client.demo.prepare({ anew: options.anew === true })
        if (job) await follow(job)
        const demo = (await client.demo.state({}))!
        print(demo, () => [table(demo), ...(demo.outdated ? [OUTDATED] : [])].join('\n'))
      }),
    )
}
