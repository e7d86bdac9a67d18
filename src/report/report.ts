import { cleanText } from "./clean-text.ts";
import { formatCell, isNumericColumn, type Table } from "./table.ts";

/** What a report says, from top to bottom. */
export interface Report {
  readonly title: string;
  readonly subtitle?: string;
  /** SVG elements as `lineChart` makes them, put into the page as they are: never text from outside. */
  readonly charts: readonly string[];
  readonly table: Table;
  /** One paragraph each. */
  readonly notes?: readonly string[];
  /** The command line that makes this report again. */
  readonly command?: string;
}

/**
 * A report as one HTML document that needs nothing else: no script, no font, no image, no network. It follows the reader's light or
 * dark setting and prints on white. All text is escaped, and a content security policy forbids scripts as well.
 */
export function renderReport({ title, subtitle, charts, table, notes = [], command }: Report): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
<h1>${escapeHtml(title)}</h1>
${subtitle === undefined ? "" : `<p class="subtitle">${escapeHtml(subtitle)}</p>`}
</header>
<section class="charts">
${charts.map((svg) => `<figure>${svg}</figure>`).join("\n")}
</section>
${tableHtml(table)}
${notes.length === 0 ? "" : `<section class="notes">\n${notes.map((note) => `<p>${escapeHtml(note)}</p>`).join("\n")}\n</section>`}
${command === undefined ? "" : `<section>\n<h2>Make this report again</h2>\n<pre><code>${escapeHtml(command)}</code></pre>\n</section>`}
</main>
</body>
</html>
`.replace(/\n{2,}/g, "\n");
}

function tableHtml(table: Table): string {
  const alignment = table.columns.map((_, c) => (isNumericColumn(table, c) ? ' class="number"' : ""));
  const head = table.columns.map((name, c) => `<th scope="col"${alignment[c]}>${escapeHtml(name)}</th>`);
  const rows = table.rows.map((row) => {
    const cells = table.columns.map((_, c) => {
      const text = escapeHtml(formatCell(row[c]));
      return c === 0 ? `<th scope="row"${alignment[c]}>${text}</th>` : `<td${alignment[c]}>${text}</td>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  });
  return `<div class="table">
<table>
<thead><tr>${head.join("")}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>
</div>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text made harmless for HTML, inside elements and inside quoted attributes. */
function escapeHtml(text: string): string {
  return cleanText(text).replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

// The colors of series i here are those of line-chart.ts made lighter, for a dark page.
const STYLE = `
:root { color-scheme: light dark; --ink: #1c1e21; --quiet: #5c6167; --rule: #d9dce0; --page: #fff; --well: #f5f6f7; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 3rem 1.5rem 4rem; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.25; letter-spacing: -0.01em; text-wrap: balance; }
h2 { margin: 2.5rem 0 0.5rem; font-size: 1rem; }
.subtitle { margin: 0.4rem 0 0; color: var(--quiet); max-width: 46rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); gap: 2rem 2.5rem; margin: 2.5rem 0; }
figure { margin: 0; min-width: 0; }
figure svg { display: block; width: 100%; max-width: 44rem; height: auto; }
.table { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.5rem 0 0.5rem 1.5rem; border-bottom: 1px solid var(--rule); text-align: left; font-weight: 400; overflow-wrap: break-word; }
th:first-child, td:first-child { padding-left: 0; }
thead th { border-bottom: 1.5px solid var(--ink); font-weight: 600; vertical-align: bottom; }
.number { text-align: right; white-space: nowrap; }
.notes { margin-top: 2rem; color: var(--quiet); max-width: 46rem; }
.notes p { margin: 0.5rem 0 0; }
pre { margin: 0; padding: 0.8rem 1rem; border-radius: 6px; background: var(--well); overflow-x: auto; font: 0.875rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
@media screen and (prefers-color-scheme: dark) {
  :root { --ink: #e6e8ea; --quiet: #a2a8af; --rule: #363b41; --page: #15171a; --well: #1e2125; }
  .series-0 { color: #56b4f0; } .series-1 { color: #ff9a5c; } .series-2 { color: #4fd1a5; } .series-3 { color: #e59ad0; } .series-4 { color: #c4c8cc; }
}
@media print {
  :root { color-scheme: light; }
  @page { margin: 12mm; }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  .charts { grid-template-columns: 108mm; gap: 1rem; margin: 1.25rem 0; }
  th, td { padding-top: 0.3rem; padding-bottom: 0.3rem; }
  .notes, h2 { margin-top: 1.25rem; }
  figure, tr, section:not(.charts) { break-inside: avoid; }
  thead { display: table-header-group; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--rule); }
}
`;
