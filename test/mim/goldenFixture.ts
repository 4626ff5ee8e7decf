import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type Fixture, parseFixture } from "../../src/mim/parity/fixture.ts";

/** A recorded run of the authors' code by its name. */
export const goldenFixture = (name: string): Fixture =>
  parseFixture(gunzipSync(readFileSync(join(import.meta.dirname, `../golden/parity/${name}.json.gz`))).toString());
