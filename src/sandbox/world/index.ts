export type {
  DeployAttempt,
  ModelServingEvent,
  ModelServingFacts,
  ModelServingOptions,
  ModelServingWorld,
} from './model-serving/index.ts'
export { startModelServingWorld } from './model-serving/index.ts'
export { approverGroup, people } from './office.ts'
export type { BotFileOptions, BotFiles, World } from './world.ts'
