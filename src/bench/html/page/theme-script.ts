/**
 * Colours of what is drawn on canvases, by the page's scheme. Kinds are after Okabe and Ito ("Color Universal Design",
 * 2008), which most people with colour-blindness tell apart; ramps grow evenly in lightness, so that order is seen
 * without any hue.
 */
export const THEME_SCRIPT = `
const THEMES = {
  light: {
    ink: '#5c6672', grid: '#e9ecef', shade: 'rgba(92, 102, 114, .10)', paper: '#ffffff',
    kinds: ['#0072b2', '#d55e00', '#009e73', '#b5588f', '#b98300', '#3a93c9', '#4d4d4d'],
    ramp: ['#1b0c78', '#6a1ba0', '#b0307c', '#dd5a4e', '#ee9a2b'],
    heat: ['#c9dcf0', '#7fb2dd', '#3a7fc0', '#174d8f', '#081d49'],
  },
  dark: {
    ink: '#98a3b0', grid: '#242a32', shade: 'rgba(152, 163, 176, .10)', paper: '#14171b',
    kinds: ['#56a8e8', '#ff8a4c', '#2fc79a', '#e29bc4', '#f0b840', '#9cd5f7', '#c8ccd2'],
    ramp: ['#8452d8', '#c24fb4', '#ee6b83', '#f9a05a', '#f4e04d'],
    heat: ['#24405f', '#2f6a97', '#3f9bb8', '#86d3bd', '#f4f7b8'],
  },
}
const prefersDark = matchMedia('(prefers-color-scheme: dark)')
let theme = THEMES.light

function chooseTheme() {
  theme = prefersDark.matches ? THEMES.dark : THEMES.light
}

function colourOf(colour) {
  if (colour.kind !== undefined) return theme.kinds[colour.kind % theme.kinds.length]
  return onRamp(theme.ramp, colour.steps > 1 ? colour.step / (colour.steps - 1) : 0)
}

function onRamp(ramp, share) {
  const at = Math.min(Math.max(share, 0), 1) * (ramp.length - 1)
  const low = Math.min(Math.floor(at), ramp.length - 2)
  const part = i => [ramp[low], ramp[low + 1]].map(colour => parseInt(colour.slice(1 + 2 * i, 3 + 2 * i), 16))
  return 'rgb(' + [0, 1, 2].map(i => Math.round(part(i)[0] + (part(i)[1] - part(i)[0]) * (at - low))).join(', ') + ')'
}
`
