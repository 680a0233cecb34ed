/** Runs tasks a few at a time; the results are in the order of the tasks. */
export async function inParallel<T>(width: number, tasks: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = []
  const left = [...tasks.entries()].values()
  const work = async (): Promise<void> => {
    for (const [position, task] of left) results[position] = await task()
  }
  await Promise.all(Array.from({ length: width }, work))
  return results
}
