import type { APIContext } from "astro";
import { href } from "../href.ts";

/** Everything may be read. */
export const GET = ({ site }: APIContext): Response =>
  new Response(`User-agent: *\nAllow: /\nSitemap: ${new URL(href("sitemap-index.xml"), site)}\n`);
