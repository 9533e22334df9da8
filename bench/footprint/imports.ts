/**
 * The limit: a process that imports every package that `serve` has loaded when it is at rest (the charts' renderer comes with the first
 * chart) and does nothing else. Started with a channel to its parent, which it
 * tells when it has.
 */
import '@kubernetes/client-node'
import '@lezer/common'
import '@pagerduty/pdjs'
import '@prometheus-io/lezer-promql'
import '@slack/bolt'
import '@slack/web-api'
import 'commander'
import 'd3-scale'
import 'd3-shape'
import 'd3-time'
import 'fastest-levenshtein'
import 'find-my-way'
import 'libsql'
import 'node-cron'
import 'pino'
import 'prom-client'
import 'undici'
import 'yaml'
import 'zod'

process.send?.({ loaded: true })
process.once('disconnect', () => process.exit(0))
