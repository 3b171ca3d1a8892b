// SPDX-License-Identifier: MIT
// What is asked for while changes of it are told, or asked for anew before the answer is there.

export class Reading<Told = never> {
  #told: Told[] | null = null; // since the last question, until its answer

  /** Something was told that an answer under way may lack. */
  tell(...told: Told[]): void {
    this.#told?.push(...told);
  }

  /** Calls back with the answer and with what was told since the question. If it is asked anew meanwhile, what becomes of this
   *  question is nothing to anybody. */
  async read<Answer>(get: () => Promise<Answer>, take: (answer: Answer, told: readonly Told[]) => void): Promise<void> {
    const told: Told[] = this.#told = [];
    const isOver = () => {
      if (this.#told !== told) return true;
      this.#told = null;
      return false;
    };
    let answer: Answer;
    try {
      answer = await get();
    } catch (problem) {
      if (isOver()) return;
      throw problem;
    }
    if (!isOver()) take(answer, told);
  }
}
