/**
 * The safetensors format: eight bytes of header length (little-endian), a JSON header of names, dtypes, shapes and byte
 * ranges, then the numbers. Released checkpoints come in it, and runs are saved in it. Numbers are read into float32
 * (F32, F16, BF16), float64 (F64) or int32 (I32, I64, U8, BOOL) and written as F32, F64 or I32.
 */
import type { HostTensor } from "./method.ts";

export interface Safetensors {
  readonly tensors: Readonly<Record<string, HostTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A file that is not what it says it is. */
export class SafetensorsError extends Error {}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const WIDTH: Readonly<Record<string, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, U8: 1, BOOL: 1 };

/** The tensors of a file's bytes; anything inconsistent is an error that names it. */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) fail(`expected a header length of 8 bytes, found ${bytes.length} bytes`);
  const headerLength = Number(view.getBigUint64(0, true));
  const start = 8 + headerLength;
  if (start > bytes.length)
    fail(`expected a header of ${headerLength} bytes, found ${bytes.length - 8}; the file is cut off`);
  const header = parseHeader(bytes.subarray(8, start));
  const { __metadata__: metadata, ...entries } = header;
  const tensors: Record<string, HostTensor> = {};
  let end = 0;
  const byOffset = Object.entries(entries as Record<string, Entry>).sort(
    ([, a], [, b]) => (a.data_offsets?.[0] ?? 0) - (b.data_offsets?.[0] ?? 0),
  );
  for (const [name, entry] of byOffset) {
    const [from, to] = checkEntry(name, entry);
    if (from !== end)
      fail(`${name}: expected numbers from byte ${end}, found them from ${from}; ranges overlap or leave gaps`);
    if (start + to > bytes.length)
      fail(`${name}: expected numbers up to byte ${to}, found ${bytes.length - start}; the file is cut off`);
    end = to;
    tensors[name] = { shape: entry.shape, data: numbers(view, start + from, entry) };
  }
  if (start + end !== bytes.length) fail(`expected ${end} bytes of numbers, found ${bytes.length - start}`);
  return { tensors, metadata: (metadata ?? {}) as Record<string, string> };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    return fail(`expected a JSON header, found ${(error as Error).message}`);
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    return fail("expected a record of tensors as header, found another value");
  }
  return header as Record<string, unknown>;
}

function checkEntry(name: string, { dtype, shape, data_offsets: range }: Entry): readonly [number, number] {
  const width = WIDTH[dtype] ?? fail(`${name}: expected a dtype of ${Object.keys(WIDTH).join(", ")}, found ${dtype}`);
  if (!Array.isArray(shape) || !shape.every((n) => Number.isSafeInteger(n) && n >= 0)) {
    fail(`${name}: expected a shape of whole numbers, found ${JSON.stringify(shape)}`);
  }
  const size = shape.reduce((a, b) => a * b, 1) * width;
  if (
    !Array.isArray(range) ||
    range.length !== 2 ||
    !range.every(Number.isSafeInteger) ||
    range[1]! - range[0]! !== size
  ) {
    fail(`${name}: expected a range of ${size} bytes for ${dtype} [${shape}], found ${JSON.stringify(range)}`);
  }
  return range as readonly [number, number];
}

function numbers(view: DataView, from: number, { dtype, shape }: Entry): HostTensor["data"] {
  const n = shape.reduce((a, b) => a * b, 1);
  const at = (i: number) => from + i * WIDTH[dtype]!;
  switch (dtype) {
    case "F64":
      return Float64Array.from({ length: n }, (_, i) => view.getFloat64(at(i), true));
    case "F32":
      return Float32Array.from({ length: n }, (_, i) => view.getFloat32(at(i), true));
    case "F16":
      return Float32Array.from({ length: n }, (_, i) => half(view.getUint16(at(i), true)));
    case "BF16":
      return new Float32Array(Uint32Array.from({ length: n }, (_, i) => view.getUint16(at(i), true) << 16).buffer);
    case "I32":
      return Int32Array.from({ length: n }, (_, i) => view.getInt32(at(i), true));
    case "I64":
      return Int32Array.from({ length: n }, (_, i) => Number(view.getBigInt64(at(i), true)));
    default:
      return Int32Array.from({ length: n }, (_, i) => view.getUint8(at(i)));
  }
}

/** IEEE 754 half precision. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
  return exponent === 0 ? sign * 2 ** -24 * fraction : sign * 2 ** (exponent - 25) * (1024 + fraction);
}

/** The bytes of a file of these tensors, names in their own order. */
export function writeSafetensors({ tensors, metadata }: Safetensors): Uint8Array {
  let end = 0;
  const header: Record<string, unknown> = Object.keys(metadata).length ? { __metadata__: metadata } : {};
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype: dtypeOf(data), shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded + end).fill(0x20, 8, 8 + padded);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, 8);
  let at = 8 + padded;
  for (const { data } of Object.values(tensors)) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

const dtypeOf = (data: HostTensor["data"]): string =>
  data instanceof Float32Array ? "F32" : data instanceof Float64Array ? "F64" : "I32";

function fail(message: string): never {
  throw new SafetensorsError(message);
}
