// npm start: from a fresh clone to a served model. It becomes `warpline serve`, in this very process, so that signals
// and the exit code need no passing on.
process.argv.splice(2, 0, 'serve')
await import('../bin/warpline.mjs')
