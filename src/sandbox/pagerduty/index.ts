export { startPagerDutyStandIn } from './stand-in.ts'
export type * from './stand-in-types.ts'
