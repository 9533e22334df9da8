import { RESOURCES, type Resource } from '../resources.ts'

/** The version that the stand-in behaves like. */
export const SERVER_VERSION = {
  major: '1',
  minor: '33',
  gitVersion: 'v1.33.1',
  gitCommit: 'standin',
  gitTreeState: 'clean',
  buildDate: '2025-05-15T08:19:08Z',
  goVersion: 'go1.24.2',
  compiler: 'gc',
  platform: 'linux/amd64',
}

const REVIEWS = ['SelfSubjectAccessReview', 'SelfSubjectRulesReview'] as const

const groups = [...new Set(RESOURCES.map(({ group }) => group)), 'authorization.k8s.io'].filter((group) => group !== '')

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

/** Every group is served in one version: the newest. */
const versionOf = (name: string): string => RESOURCES.find(({ group }) => group === name)?.version ?? 'v1'

const described = (name: string) => {
  const version = { groupVersion: `${name}/${versionOf(name)}`, version: versionOf(name) }
  return { name, versions: [version], preferredVersion: version }
}

function entries({ kind, plural, singular, shortNames, categories, namespaced, subresources }: Resource) {
  const main = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs: VERBS,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
  }
  const details = {
    status: { kind, verbs: ['get', 'patch', 'update'] },
    scale: { group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get', 'patch', 'update'] },
    eviction: { group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] },
  }
  return [
    main,
    ...subresources.map((sub) => ({ name: `${plural}/${sub}`, singularName: '', namespaced, ...details[sub] })),
  ]
}

const resourceList = (groupVersion: string, resources: readonly unknown[]) => ({
  kind: 'APIResourceList',
  ...(groupVersion === 'v1' ? {} : { apiVersion: 'v1' }),
  groupVersion,
  resources,
})

const reviews = REVIEWS.map((kind) => ({
  name: `${kind.toLowerCase()}s`,
  singularName: kind.toLowerCase(),
  namespaced: false,
  kind,
  verbs: ['create'],
}))

/** Every discovery document by its path. Only the plain, unaggregated form is served; clients fall back to it. */
export const DISCOVERY: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['/api', { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] }],
  ['/api/v1', resourceList('v1', RESOURCES.filter(({ group }) => group === '').flatMap(entries))],
  ['/apis', { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(described) }],
  ...groups.map((group) => [`/apis/${group}`, { kind: 'APIGroup', apiVersion: 'v1', ...described(group) }] as const),
  ...groups.map((group) => {
    const served =
      group === 'authorization.k8s.io' ? reviews : RESOURCES.filter((entry) => entry.group === group).flatMap(entries)
    const groupVersion = `${group}/${versionOf(group)}`
    return [`/apis/${groupVersion}`, resourceList(groupVersion, served)] as const
  }),
])
