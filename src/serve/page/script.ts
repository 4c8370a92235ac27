/** The page's own few lines: addresses, copying, trying. They write text alone, never markup. */
export const SCRIPT = `
'use strict'
const base = location.href.replace(/\\/docs\\/?(?:[?#].*)?$/, '')
for (const span of document.querySelectorAll('[data-base]')) span.textContent = base

function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  if (target instanceof HTMLDetailsElement) target.open = true
}
addEventListener('hashchange', openTarget)
openTarget()

for (const button of document.querySelectorAll('button.copy')) {
  button.hidden = !navigator.clipboard
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(button.closest('.example').querySelector('pre').textContent)
    button.textContent = 'Copied'
    setTimeout(() => { button.textContent = 'Copy' }, 1500)
  })
}

for (const form of document.querySelectorAll('form.try')) {
  const part = name => form.querySelector('.' + name)
  const fields = form.elements
  let controller
  form.hidden = false
  part('stop').addEventListener('click', () => controller?.abort())
  form.addEventListener('keydown', event => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit()
  })
  form.addEventListener('submit', async event => {
    event.preventDefault()
    controller?.abort()
    const mine = controller = new AbortController()
    const say = (words, state = '') => {
      if (mine !== controller) return
      part('status').textContent = words
      part('status').dataset.state = state
    }
    part('reply').textContent = part('frames').textContent = ''
    part('events').hidden = true
    part('stop').hidden = false
    const began = performance.now()
    const ms = () => Math.round(performance.now() - began) + ' ms'
    say('Waiting …')
    try {
      const response = await fetch(base + addressOf(form), requestOf(form, event.submitter?.name === 'stream', mine.signal))
      const head = response.status + ' ' + response.statusText
      if ((response.headers.get('content-type') ?? '').startsWith('text/event-stream')) {
        part('events').hidden = false
        say(head + ', streaming …')
        await showStream(response.body, part('reply'), part('frames'), mine.signal)
      } else {
        const text = await response.text()
        if (mine === controller) part('reply').textContent = pretty(text)
      }
      say(head + ' in ' + ms(), response.ok ? 'good' : 'bad')
    } catch (error) {
      say(mine.signal.aborted ? 'Stopped after ' + ms() : error.message, mine.signal.aborted ? '' : 'bad')
    } finally {
      if (mine === controller) part('stop').hidden = true
    }
  })

  function addressOf(form) {
    return form.dataset.path.replace(/\\{(\\w+)\\}/g, (_, name) => encodeURIComponent(fields[name].value))
  }

  function requestOf(form, stream, signal) {
    const key = document.getElementById('key')?.value.trim()
    const headers = key ? { Authorization: 'Bearer ' + key } : {}
    if (form.dataset.method === 'GET') return { headers, signal }
    let body = fields.body.value
    if (stream) body = JSON.stringify({ ...JSON.parse(body), stream: true })
    return { method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' }, body, signal }
  }
}

async function showStream(stream, reply, frames, signal) {
  const texts = []
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done || signal.aborted) break
    frames.append(value)
    const events = (rest + value).split('\\n\\n')
    rest = events.pop()
    for (const event of events) take(event, texts)
    reply.textContent = texts.join('\\n\\n')
  }
}

function take(event, texts) {
  if (!event.startsWith('data: {')) return
  const data = JSON.parse(event.slice(6))
  if (data.error) texts.push(JSON.stringify(data.error, null, 2))
  for (const { index, delta, text } of data.choices ?? [{ index: 0, text: data.content }])
    texts[index] = (texts[index] ?? '') + (delta?.content ?? text ?? '')
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
`
