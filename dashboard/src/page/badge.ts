/**
 * The title and the icon of the page, which say how many servers are connected where only they are seen.
 */

let shownIcon = ''

export function showBadge(connected: number, total: number, isLost: boolean): void {
  document.title = `${isLost ? 'Hub lost: ' : ''}${total === 0 ? '' : `(${connected}/${total}) `}wsyard`
  const icon = iconOf(connected, isLost || connected < total)
  if (icon === shownIcon) return
  shownIcon = icon
  const link = document.querySelector<HTMLLinkElement>('link[rel=icon]')
  if (link !== null) link.href = `data:image/svg+xml,${encodeURIComponent(icon)}`
}

function iconOf(connected: number, isTrouble: boolean): string {
  const text = connected > 99 ? '99' : `${connected}`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="${isTrouble ? '#b42318' : '#0f766e'}"/><text x="16" y="23" font-family="system-ui,sans-serif" font-size="${text.length > 1 ? 18 : 21}" font-weight="700" text-anchor="middle" fill="#fff">${text}</text></svg>`
}
