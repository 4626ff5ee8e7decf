/** The page of a clustering report: one file that needs no other, readable without script; script sorts its tables. */
import { escapeHtml } from "./escape.ts";

interface ReportSection {
  readonly id: string;
  readonly title: string;
  /** HTML. */
  readonly body: string;
}

export interface ReportPage {
  readonly title: string;
  /** HTML. */
  readonly lead: string;
  readonly sections: readonly ReportSection[];
}

/** The page as HTML. */
export function reportPage({ title, lead, sections }: ReportPage): string {
  const contents = sections.map(({ id, title }) => `<li><a href="#${id}">${escapeHtml(title)}</a></li>`).join("");
  const body = sections
    .map(({ id, title, body }) => `<section id="${id}"><h2>${escapeHtml(title)}</h2>${body}</section>`)
    .join("\n");
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><header><h1>${escapeHtml(title)}</h1><p class="lead">${lead}</p><nav aria-label="Contents"><ul>${contents}</ul></nav></header>
<main>
${body}
</main><script>${script}</script></body></html>
`;
}

/** A figure that may be wider than the screen: it scrolls by itself and is never narrower than `least` px. */
export const scrolling = (label: string, svg: string, least: number): string =>
  `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(label)}"><div style="min-width:${least}px">${svg}</div></div>`;

const hues = ["#0b6595,#6fb7e4", "#a94a12,#efa277", "#75399a,#caa0ea", "#2b7332,#86c98b", "#7d6200,#d9bd5c"];
const topics = [...hues, "#ad2049,#f28ba8"].map((pair, at) => `--topic-${at}:light-dark(${pair})`).join(";");

const style = `:root{color-scheme:light dark;--paper:light-dark(#fcfbf8,#15171b);--sunk:light-dark(#f4f1ea,#1c1f24);--ink:light-dark(#1d1f23,#ebe8e1);--soft:light-dark(#44484f,#c6c3bc);--faint:light-dark(#63676f,#a09e98);--rule:light-dark(#dedad0,#32363d);--strong:light-dark(#b9b4a7,#565b64);--accent:light-dark(#0a5c6b,#74c5d1);--warm:light-dark(#a94a12,#efa277);--mark:light-dark(#f6e3a8,#5d4c12);${topics}}
*{box-sizing:border-box}html{scroll-padding-top:1rem}body{margin:0;background:var(--paper);color:var(--ink);font:1.05rem/1.55 Georgia,"Times New Roman",serif}
header,main{max-width:88rem;margin:0 auto;padding:0 clamp(1rem,4vw,3rem)}header{padding-top:clamp(1.5rem,4vw,3.5rem)}main{padding-bottom:5rem}
h1{font-size:clamp(1.8rem,1.3rem + 2vw,2.8rem);line-height:1.15;margin:0 0 1rem;text-wrap:balance}h2{font-size:clamp(1.3rem,1.1rem + .7vw,1.7rem);line-height:1.25;margin:0 0 .6rem}h3{font-size:1.08rem;margin:1.8rem 0 .4rem}
section{margin-top:3.2rem;padding-top:1.4rem;border-top:1px solid var(--rule)}p{max-width:44rem;margin:.6rem 0;text-wrap:pretty}.lead{font-size:1.15rem;color:var(--soft)}.note{font-size:.92rem;color:var(--soft)}
a{color:var(--accent);text-underline-offset:.15em}code{font-size:.88em}nav,table,svg,.note,figcaption,fieldset,.key,dl{font-family:system-ui,"Helvetica Neue",Arial,sans-serif}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.2rem;list-style:none;padding:0;margin:1.4rem 0 0;font-size:.9rem}nav a{display:inline-block;padding:.2rem 0}
.scroll{overflow-x:auto;margin:1rem 0}.scroll:focus-visible,a:focus-visible,button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;font-size:.87rem;line-height:1.4}th,td{text-align:left;vertical-align:top;padding:.4em 1.1em .4em 0;border-bottom:1px solid var(--rule)}thead th{vertical-align:bottom;border-bottom:1.5px solid var(--strong);font-weight:600}tbody tr:hover{background:var(--sunk)}tr:target{background:var(--mark)}
.number{text-align:right;font-variant-numeric:tabular-nums}td{min-width:3.2rem;overflow-wrap:break-word}td.words{min-width:11rem}th button{font:inherit;color:inherit;background:none;border:0;padding:0;text-align:inherit;cursor:pointer}th button::after{content:"\\a0↕";color:var(--faint);font-weight:400}th[aria-sort=ascending] button::after{content:"\\a0↑";color:var(--accent)}th[aria-sort=descending] button::after{content:"\\a0↓";color:var(--accent)}
svg{display:block;max-width:100%;height:auto;font-size:11.5px;color:var(--ink)}svg text{fill:currentColor;stroke:none}svg a{color:inherit;text-decoration:none}svg a:hover text,svg a:focus text{text-decoration:underline}
.dendrogram .axis{color:var(--faint)}.dendrogram .stem{stroke:var(--strong)}.dendrogram .band{stroke-width:1.3}.band-0{stroke:var(--accent)}.band-1{stroke:var(--warm)}.dendrogram .brackets>path{stroke:var(--faint)}.dendrogram .support{fill:var(--faint)}.dendrogram .well{fill:var(--ink)}.dendrogram .span{fill:var(--mark)}.dendrogram .member{fill:var(--ink)}.dendrogram .themes line{stroke:var(--rule)}.dendrogram .disc{fill:var(--mark);stroke:var(--ink);stroke-width:.7}.dendrogram .mark text{font-size:9px;font-weight:600}
.map circle,.map path{stroke:var(--paper);stroke-width:.8}.map .by-cluster circle{fill:light-dark(hsl(var(--hue) 62% 40%),hsl(var(--hue) 60% 66%))}.map .names text{font-weight:650;paint-order:stroke;stroke:var(--paper);stroke-width:3.5px;font-size:14px}.map a:hover circle,.map a:hover path,.map a:focus circle{stroke:var(--ink);stroke-width:2}
@media(max-width:40rem){.map circle{r:8px}.map .names text{font-size:24px}}
.map .by-year circle{fill:color-mix(in oklab,var(--accent) var(--share),light-dark(#e2d9c2,#4a4433))}
.choice{border:0;padding:0;margin:1rem 0 0;font-size:.9rem}.choice legend{float:left;margin-right:1rem;color:var(--faint)}.choice label{margin-right:1.1rem;white-space:nowrap;cursor:pointer;display:inline-block;padding:.25rem 0}
.maps:has(#map-cluster:checked) .by:not(.by-cluster),.maps:has(#map-contribution:checked) .by:not(.by-contribution),.maps:has(#map-year:checked) .by:not(.by-year){display:none}
.maps{display:grid;gap:0 2rem}@media(min-width:60rem){.maps{grid-template-columns:minmax(0,40rem) minmax(0,1fr)}.maps>fieldset{grid-column:1/-1}}
.key{list-style:none;padding:0;margin:.8rem 0;font-size:.85rem;line-height:1.35;align-self:center}.key li{display:flex;gap:.5rem;padding:.16rem 0}.swatch{flex:none;width:.8rem;height:.8rem;margin-top:.2em;border-radius:50%}.hue{background:light-dark(hsl(var(--hue) 62% 40%),hsl(var(--hue) 60% 66%))}.year{background:color-mix(in oklab,var(--accent) var(--share),light-dark(#e2d9c2,#4a4433))}.key small{color:var(--faint);white-space:nowrap}
.curves{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,19rem),1fr));gap:1rem 2rem;margin:1rem 0}.curves figure{margin:0}.curves figcaption{font-size:.88rem;font-weight:600}.curves .line{stroke:var(--accent);stroke-width:1.6;fill:none}.curves .error{stroke:var(--strong)}.curves .axis{color:var(--faint)}.curves .axis path{stroke:var(--rule)}.curves .taken{fill:var(--warm)}.curves .taken-line{stroke:var(--warm);stroke-dasharray:3 3}.curves .range{fill:var(--sunk)}
.matrix .cell{stroke:var(--paper)}.matrix .cell.more{fill:color-mix(in oklab,var(--accent) var(--share),var(--sunk))}.matrix .cell.fewer{fill:color-mix(in oklab,var(--warm) var(--share),var(--sunk))}.matrix .strong{fill:var(--paper);font-weight:650}.matrix .names{font-size:12px}
dl{display:grid;grid-template-columns:minmax(8rem,15rem) 1fr;font-size:.88rem;margin:1rem 0}dt,dd{margin:0;padding:.35em 0;border-bottom:1px solid var(--rule)}dt{color:var(--faint);padding-right:1rem}
@media print{:root{color-scheme:light}nav,.choice,th button::after{display:none}.scroll{overflow:visible}.scroll>div{min-width:0!important}section{break-inside:auto}tr{break-inside:avoid}}`;

/** Sorts a table by the column whose heading is pressed; a second time, the other way. */
const script = `for(const table of document.querySelectorAll("table")){const body=table.tBodies[0],heads=[...table.tHead.rows[0].cells];
heads.forEach((head,column)=>{const button=document.createElement("button");button.type="button";button.append(...head.childNodes);head.append(button);
button.addEventListener("click",()=>{const numeric=head.classList.contains("number"),falls=head.ariaSort==="ascending"||(numeric&&head.ariaSort!=="descending");
for(const other of heads)other.removeAttribute("aria-sort");head.setAttribute("aria-sort",falls?"descending":"ascending");
const key=(row)=>{const text=row.cells[column].textContent.trim();return numeric?(text===""||text==="–"?-Infinity:Number(text.replace("−","-").replace(/[, %]/g,""))):text};
const order=numeric?(a,b)=>key(a)-key(b):(a,b)=>key(a).localeCompare(key(b),"en",{numeric:true});
body.append(...[...body.rows].sort((a,b)=>falls?order(b,a):order(a,b)))})})}`;
