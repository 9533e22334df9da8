export type {
  ModelServingEvent,
  ModelServingFacts,
  ModelServingOptions,
  ModelServingWorld,
} from './model-serving/index.ts'
export { startModelServingWorld } from './model-serving/index.ts'
export { approverGroup, people } from './office.ts'
export type {
  TrafficSurgeFacts,
  TrafficSurgeOptions,
  TrafficSurgeWorld,
} from './traffic-surge/index.ts'
export { startTrafficSurgeWorld } from './traffic-surge/index.ts'
export type { BotFiles, World } from './world.ts'
