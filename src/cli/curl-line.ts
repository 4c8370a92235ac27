/** A command that asks the server something, as it can be pasted into a POSIX shell. */
export function curlLine(url: string, model: string, chat: boolean, needsKey = false): string {
  const question = 'What is Warpline?'
  const [path, body] = chat
    ? ['/v1/chat/completions', { model, messages: [{ role: 'user', content: question }] }]
    : ['/v1/completions', { model, prompt: question }]
  const key = needsKey ? " -H 'Authorization: Bearer YOUR-KEY'" : ''
  return `curl ${reachable(url)}${path}${key} -H 'Content-Type: application/json' -d ${quote(JSON.stringify(body))}`
}

/** Who listens on all addresses is not reached by that name everywhere. */
function reachable(url: string): string {
  return url.replace('//0.0.0.0', '//127.0.0.1').replace('//[::]', '//[::1]').replace(/\/$/, '')
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
