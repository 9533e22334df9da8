import type { Random } from '../random.ts'
import type { ModelVersion } from './model-server.ts'

/** Average size of a model's weights, and how much single versions differ from it. */
const AVERAGE_BYTES = 494e6
const SPREAD = 0.03

const MODELS = [
  'churn-risk',
  'delivery-eta',
  'demand-forecast',
  'fraud-score',
  'image-tags',
  'intent',
  'price-elasticity',
  'recommender',
  'search-ranker',
  'spam-filter',
] as const

export interface VersionSource {
  /** The next version of a model; of any one where none is named. Throws for a model that does not exist. */
  next(model?: string): ModelVersion
}

/** Ten models whose new versions come one after another. */
export function versionSource(random: Random): VersionSource {
  const numbers = new Map<string, number>(MODELS.map((model) => [model, Math.round(random.between(40, 240))]))
  return {
    next(model = random.pick(MODELS)) {
      const number = numbers.get(model)
      if (number === undefined) throw new Error(`There is no model ${model}. There are: ${MODELS.join(', ')}.`)
      numbers.set(model, number + 1)
      const bytes = Math.round(AVERAGE_BYTES * (1 + random.between(-SPREAD, SPREAD)))
      return { model, version: `v${number + 1}`, bytes }
    },
  }
}
