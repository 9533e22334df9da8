import { stringify } from 'yaml'

/** The YAML of a kubeconfig with one cluster, one user and one context named `sandbox`. */
export function kubeconfigText(server: string, certificate: string, token: string): string {
  const cluster = { server, 'certificate-authority-data': Buffer.from(certificate).toString('base64') }
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'sandbox', cluster }],
    users: [{ name: 'sandbox', user: { token } }],
    contexts: [{ name: 'sandbox', context: { cluster: 'sandbox', user: 'sandbox', namespace: 'default' } }],
    'current-context': 'sandbox',
  })
}
