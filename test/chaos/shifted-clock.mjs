// Loaded before the bot: its wall clock is off by what the test says, as after an NTP step. Timers go on as they did, as they do on a real machine.
const RealDate = Date
let offByMs = 0

globalThis.Date = class ShiftedDate extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + offByMs)
    else super(...given)
  }

  static now() {
    return RealDate.now() + offByMs
  }
}

process.on('message', ({ clockIsOffByMs }) => {
  offByMs = clockIsOffByMs
})
// Nobody's wish to listen keeps a bot alive that has ended everything else.
process.channel?.unref()
