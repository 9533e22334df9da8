// Bound once: in loops over millions of samples the look-up of a global dominates where code runs in a VM context, as under jest.
export const { abs: absolute } = Math
export const { isFinite: isFiniteNumber, isNaN: isNaNValue, NaN: notANumber } = Number
export const { POSITIVE_INFINITY: infinity } = Number
