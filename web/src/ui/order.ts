// SPDX-License-Identifier: MIT
// Answers in the order of their questions.

/** Makes a way to ask anew at any time: an answer that a later one has overtaken is dropped, and so is its failure. */
export function inOrder() {
  let asked = 0, known = 0; // how many questions there were, and which one was answered last
  return async <Answer>(answer: Promise<Answer>, take: (answer: Answer) => void): Promise<void> => {
    const mine = ++asked;
    try {
      const page = await answer;
      if (mine < known) return;
      known = mine;
      take(page);
    } catch (problem) {
      if (mine >= known) throw problem;
    }
  };
}
