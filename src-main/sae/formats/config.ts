import { z } from 'zod'
import { problem } from '#contract/problem.ts'

/** A value that Python may have written as null or left out. */
export const maybe = <T extends z.ZodType>(
  schema: T,
): z.ZodPipe<
  z.ZodOptional<z.ZodNullable<T>>,
  z.ZodTransform<z.output<T> | undefined, z.output<T> | null | undefined>
> => schema.nullish().transform((value) => value ?? undefined) as never

/** Checks a configuration file. @throws Problem bad-file naming the key that is not as expected. */
export function parseConfig<T extends z.ZodType>(schema: T, value: unknown, path: string): z.infer<T> {
  const out = schema.safeParse(value)
  if (out.success) return out.data
  const [first] = out.error.issues
  throw problem(
    'bad-file',
    path,
    `"${first.path.join('.') || 'its content'}" in it is not as expected: ${first.message}`,
  )
}
