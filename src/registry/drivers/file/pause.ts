/** Waits without giving up the thread: for a moment in which nothing else of this process may run. */
export function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
