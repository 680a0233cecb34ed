/**
 * Light or dark: as the system has it, until somebody says otherwise.
 */
import { rememberedChoice } from '../parts/remembered.js'
import { onCommand } from './commands.js'

export const theme = rememberedChoice('theme', ['system', 'light', 'dark'])

/** Keeps the document in the theme that was chosen. */
export function keepTheme(document: Document): void {
  const apply = (): void => {
    document.documentElement.dataset.theme = theme.value
  }
  theme.subscribe(apply)
  apply()
  onCommand('theme', () => {
    const isDark =
      theme.value === 'dark' ||
      (theme.value === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
    theme.set(isDark ? 'light' : 'dark')
  })
}
