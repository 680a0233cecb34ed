/** Loaded before a program under test, with `--expose-gc`: tells what its heap holds when it is sent SIGUSR2. */
process.on('SIGUSR2', () => {
  globalThis.gc?.()
  globalThis.gc?.()
  console.log(`heap ${process.memoryUsage().heapUsed + process.memoryUsage().external}`)
})
