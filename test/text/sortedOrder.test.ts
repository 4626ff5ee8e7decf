import fc from "fast-check";
import { expect, test } from "vitest";
import { sortedOrder } from "../../src/text/sortedOrder.ts";

test("strings are ordered as Array.prototype.sort orders them", () => {
  const text = fc.oneof(fc.string({ unit: "grapheme" }), fc.stringMatching(/^[ab]{0,7}$/), fc.constant("__proto__"));
  fc.assert(
    fc.property(fc.array(text), (strings) => {
      expect(Array.from(sortedOrder(strings), (place) => strings[place])).toEqual(strings.toSorted());
    }),
  );
});
