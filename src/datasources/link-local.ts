import type { LookupAddress, LookupAllOptions } from 'node:dns'
import { lookup } from 'node:dns'
import { BlockList, type LookupFunction } from 'node:net'

/** Where clouds hand out credentials to whoever asks from inside: link-local addresses, and EC2's over IPv6. */
const METADATA = new BlockList()
METADATA.addSubnet('169.254.0.0', 16, 'ipv4')
METADATA.addSubnet('fe80::', 10, 'ipv6')
METADATA.addAddress('fd00:ec2::254', 'ipv6')

type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

const LINK_LOCAL = 'ELINKLOCAL'

/**
 * Resolves names as usual, without the addresses at which clouds tell secrets: a name that leads to nothing else is an error. The connection is made to
 * the address that was looked at, so that nothing can change in between. An address that stands in the configuration itself is not resolved,
 * and so is not refused: somebody meant it.
 */
export function withoutLinkLocal(resolve: Resolve = lookup): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      // Beside an error there are none, whatever the types say.
      if (error !== null) {
        done(error, [])
        return
      }
      const usable = addresses.filter(({ address, family }) => !METADATA.check(address, family === 6 ? 'ipv6' : 'ipv4'))
      const [first] = usable
      if (first === undefined) done(refused(hostname), [])
      else if (options.all === true) done(null, usable)
      else done(null, first.address, first.family)
    })
  }
}

function refused(hostname: string): NodeJS.ErrnoException {
  const text = `${hostname} resolves to a link-local address, at which clouds hand out credentials`
  return Object.assign(new Error(text), { code: LINK_LOCAL })
}
