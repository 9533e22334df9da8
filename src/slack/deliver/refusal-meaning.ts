/**
 * What a refusal says about trying again. `content`: this text or these blocks. `message`: the message to edit or to reply to is gone.
 * `access`: the app itself is not allowed or not set up, which only an administrator can mend. `channel`: not here, whatever is sent.
 */
export type RefusalMeaning = 'content' | 'message' | 'access' | 'channel'

const CODES: Readonly<Record<Exclude<RefusalMeaning, 'channel'>, readonly string[]>> = {
  content: [
    'invalid_blocks',
    'invalid_blocks_format',
    'msg_blocks_too_long',
    'msg_too_long',
    'no_text',
    'invalid_arguments',
    'block_mismatch',
    'markdown_text_conflict',
  ],
  message: [
    'message_not_found',
    'cant_update_message',
    'edit_window_closed',
    'thread_not_found',
    'cannot_reply_to_message',
    'invalid_ts',
  ],
  access: [
    'invalid_auth',
    'not_authed',
    'account_inactive',
    'token_revoked',
    'token_expired',
    'not_allowed_token_type',
    'missing_scope',
    'no_permission',
    'org_login_required',
    'two_factor_setup_required',
    'access_denied',
    'accesslimited',
    'team_access_not_granted',
  ],
}

/** Codes that are not known count against the channel, so that a fallback is tried and nothing is tried for ever. */
export function refusalMeaning(code: string): RefusalMeaning {
  if (CODES.content.includes(code)) return 'content'
  if (CODES.message.includes(code)) return 'message'
  return CODES.access.includes(code) ? 'access' : 'channel'
}

/** Whether the token itself is not accepted: then nothing that Slack says about one message means anything. */
export function isTokenTrouble(code: string): boolean {
  return refusalMeaning(code) === 'access' && code !== 'missing_scope' && code !== 'no_permission'
}
