/** What the guards of the data sources count. */
export interface SourceMeter {
  /**
   * What became of a question: `answered`; `shared` with one that was on its way; `unanswered`; `refused` because the source did not answer
   * before; `crowded` because too many wait; `called-off` because nobody waited for it any longer.
   */
  sourceQuestion(
    source: string,
    result: 'answered' | 'shared' | 'unanswered' | 'refused' | 'crowded' | 'called-off',
  ): void
  /** Whether the source is asked. */
  sourceState(source: string, state: 'closed' | 'open' | 'probing'): void
}
