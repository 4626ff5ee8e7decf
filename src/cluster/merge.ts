/**
 * One row of a linkage matrix Z in SciPy's layout. Ids below n are leaves, row s makes id n + s; i < j; size counts the
 * leaves below. Rows stand by rising height.
 */
export type Merge = readonly [i: number, j: number, height: number, size: number];
