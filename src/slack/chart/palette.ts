/**
 * Every colour of a chart. Orange-red, blue and purple after Okabe and Ito ("Color Universal Design", 2008), darkened until
 * text in them has a contrast of 4.5 on white; a test keeps them apart for people with protanopia and deuteranopia as well.
 */
export const palette = {
  paper: '#ffffff',
  ink: '#0f172a',
  text: '#475569',
  quiet: '#64748b',
  grid: '#e8ecf1',
  axis: '#94a3b8',
  future: '#f5f7fa',
  other: '#a3b0c2',
  subject: '#c73e00',
  deploy: '#0065a8',
  deployPaper: '#e6f2fb',
  restart: '#6d2a6b',
  restartPaper: '#f7eaf6',
} as const
