import fc from "fast-check";
import { expect, test } from "vitest";
import { readSafetensors, writeSafetensors } from "../../src/mim/safetensors.ts";

const bytesOf = (header: unknown, numbers: number[]): Uint8Array => {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + numbers.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(numbers, 8 + json.length);
  return bytes;
};

test("what is written is read back", () => {
  const tensor = fc.oneof(
    fc.float32Array({ minLength: 1, maxLength: 20 }),
    fc.float64Array({ minLength: 1, maxLength: 20 }),
    fc.int32Array({ minLength: 1, maxLength: 20 }),
  );
  const name = fc.string({ minLength: 1 }).filter((s) => s !== "__metadata__" && s !== "__proto__");
  fc.assert(
    fc.property(fc.dictionary(name, tensor), fc.dictionary(name, fc.string()), (arrays, metadata) => {
      const tensors = Object.fromEntries(
        Object.entries(arrays).map(([k, data]) => [k, { shape: [data.length], data }]),
      );
      const read = readSafetensors(writeSafetensors({ tensors, metadata }));
      expect(Object.entries(read.tensors).sort()).toEqual(Object.entries(tensors).sort());
      expect({ ...read.metadata }).toEqual({ ...metadata });
    }),
  );
});

test("half and bfloat16 numbers are widened as the formats define them", () => {
  const two = (a: number, b: number) => [a & 255, a >> 8, b & 255, b >> 8];
  const file = bytesOf(
    { h: { dtype: "F16", shape: [2], data_offsets: [0, 4] }, b: { dtype: "BF16", shape: [2], data_offsets: [4, 8] } },
    [...two(0x3555, 0x0001), ...two(0x3f80, 0xc049)],
  );
  const { h, b } = readSafetensors(file).tensors;
  expect(Array.from(h!.data)).toEqual([0.333251953125, 2 ** -24]);
  expect(Array.from(b!.data)).toEqual([1, -3.140625]);
});

test.each([
  [new Uint8Array(3), "expected a header length of 8 bytes, found 3 bytes"],
  [bytesOf("{", []), /^expected a JSON header, found /],
  [
    bytesOf({ x: { dtype: "F32", shape: [2], data_offsets: [0, 8] } }, [0, 0, 0, 0]),
    "x: expected numbers up to byte 8, found 4; the file is cut off",
  ],
  [
    bytesOf({ x: { dtype: "F32", shape: [2], data_offsets: [0, 4] } }, [0, 0, 0, 0]),
    "x: expected a range of 8 bytes for F32 [2], found [0,4]",
  ],
  [
    bytesOf({ x: { dtype: "F8", shape: [2], data_offsets: [0, 2] } }, [0, 0]),
    "x: expected a dtype of F64, F32, F16, BF16, I64, I32, U8, BOOL, found F8",
  ],
  [
    bytesOf(
      { a: { dtype: "U8", shape: [2], data_offsets: [0, 2] }, b: { dtype: "U8", shape: [2], data_offsets: [1, 3] } },
      [0, 0, 0],
    ),
    "b: expected numbers from byte 2, found them from 1; ranges overlap or leave gaps",
  ],
])("a broken file is refused with its fault (%#)", (bytes, message) => {
  expect(() => readSafetensors(bytes)).toThrow(message);
});
