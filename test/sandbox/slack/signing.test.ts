import { describe, expect, it } from '@jest/globals'
import { formEncode, signature, signedHeaders } from '../../../src/sandbox/slack/signing.ts'

const published = {
  secret: '8f742231b10e8888abcd99yyyzzz85a5',
  timestamp: 1531420618,
  body: 'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
}

describe('signing', () => {
  it('computes the signature of the example that Slack publishes', () => {
    expect(signature(published.secret, published.timestamp, published.body)).toBe(published.signature)
  })

  it('encodes the fields of that example into exactly its body', () => {
    expect(formEncode(Object.fromEntries(new URLSearchParams(published.body)))).toBe(published.body)
  })

  it('puts the timestamp that it signed into the headers, in whole seconds', () => {
    const { timestamp, secret, body } = published
    const headers = signedHeaders(secret, timestamp * 1000 + 999, 'application/x-www-form-urlencoded', body)
    expect(headers).toMatchObject({
      'x-slack-request-timestamp': '1531420618',
      'x-slack-signature': published.signature,
      'content-type': 'application/x-www-form-urlencoded',
    })
  })

  it.each([
    ['a b', 'a+b'],
    ['a+b', 'a%2Bb'],
    ["~*!()'", '%7E%2A%21%28%29%27'],
    ['grün & 5>3', 'gr%C3%BCn+%26+5%3E3'],
    ['-_.', '-_.'],
  ])('encodes %j as PHP does: %s', (text, encoded) => {
    expect(formEncode({ x: text })).toBe(`x=${encoded}`)
  })
})
