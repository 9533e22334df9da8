import { absolute, isFiniteNumber } from './numbers.ts'
/** Neumaier's variant of Kahan summation, which keeps the low bits that plain addition loses. */
export class CompensatedSum {
  #sum = 0
  #correction = 0

  add(value: number): void {
    const total = this.#sum + value
    if (isFiniteNumber(total)) {
      const larger = absolute(this.#sum) >= absolute(value)
      this.#correction += larger ? this.#sum - total + value : value - total + this.#sum
    } else {
      this.#correction = 0
    }
    this.#sum = total
  }

  get value(): number {
    return this.#sum + this.#correction
  }

  /** The sum without its correction; infinite as soon as the running sum overflowed. */
  get uncorrected(): number {
    return this.#sum
  }
}
