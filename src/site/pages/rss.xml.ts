import rss from "@astrojs/rss";
import type { APIContext } from "astro";
import { reviewedPapers } from "../../kb/queries/papers.ts";
import { href } from "../href.ts";
import { db } from "../kb.ts";

/** The reviewed papers, newest year first. */
export const GET = (context: APIContext) =>
  rss({
    title: "MIM Atlas",
    description: "Papers on masked image modeling, summarised.",
    site: context.site!,
    items: reviewedPapers(db)
      .reverse()
      .map((p) => ({ title: p.title, link: href(`papers/${p.id}/`), description: p.summary! })),
  });
