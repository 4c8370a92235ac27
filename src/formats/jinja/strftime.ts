const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = 'January February March April May June July August September October November December'.split(' ')

const two = (value: number) => String(value).padStart(2, '0')

const DIRECTIVES: Readonly<Record<string, (date: Date) => string>> = {
  Y: date => String(date.getFullYear()),
  y: date => two(date.getFullYear() % 100),
  m: date => two(date.getMonth() + 1),
  B: date => MONTHS[date.getMonth()]!,
  b: date => MONTHS[date.getMonth()]!.slice(0, 3),
  d: date => two(date.getDate()),
  A: date => DAYS[date.getDay()]!,
  a: date => DAYS[date.getDay()]!.slice(0, 3),
  H: date => two(date.getHours()),
  I: date => two(date.getHours() % 12 || 12),
  p: date => (date.getHours() < 12 ? 'AM' : 'PM'),
  M: date => two(date.getMinutes()),
  S: date => two(date.getSeconds()),
  '%': () => '%',
}

/** Python's `datetime.strftime` in the C locale, local time; `%-d` and the like leave leading zeros out. */
export function strftime(date: Date, format: string): string {
  return format.replace(/%(-?)([a-zA-Z%])/g, (whole, bare: string, name: string) => {
    if (!Object.hasOwn(DIRECTIVES, name)) return whole
    const text = DIRECTIVES[name]!(date)
    return bare ? text.replace(/^0+(?=\d)/, '') : text
  })
}
