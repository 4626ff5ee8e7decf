/** From `start` at step 0 in a line to `end` at step `over`, and `end` from then on. data2vec's teacher decay. */
export const line = (step: number, start: number, end: number, over: number): number =>
  step >= over ? end : start + (step * (end - start)) / over;
