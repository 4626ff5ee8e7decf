/** The root of an element's tree in a forest of parents; the way there is halved. */
export function rootOf(parent: Int32Array | Uint32Array, element: number): number {
  let at = element;
  while (parent[at] !== at) {
    parent[at] = parent[parent[at]!]!;
    at = parent[at]!;
  }
  return at;
}
