/* The page's looks: one column of text, tables with rules as in print, colours for light and for
 * dark. In pieces, since a string of C need not be longer than 4095 characters. */
#include "report/html.h"

static const char colours[] =
    ":root{color-scheme:light dark;--ink:#1c1c1a;--soft:#5b5b57;--rule:#d9d9d6;--paper:#fff;--shade:#f6f6f4;"
    "--mark:#fdf0c3;--key:#00558a;--value:#8a3f00;--good:#00704f;--bad:#b03a00;--open:#7a5c00}\n"
    "@media (prefers-color-scheme:dark){:root{--ink:#e8e8e8;--soft:#a8adb3;--rule:#343a41;--paper:#15181c;"
    "--shade:#1e2227;--mark:#463a12;--key:#7fc0ee;--value:#eea86e;--good:#4fc9a0;--bad:#f08a5a;--open:#dcbb55}}\n";

static const char text[] =
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--paper);color:var(--ink);"
    "font:1rem/1.55 Charter,'Bitstream Charter','Sitka Text',Cambria,'Noto Serif','DejaVu Serif',serif;"
    "font-variant-numeric:lining-nums}\n"
    "main{max-width:66rem;margin:0 auto;padding:3rem 1.5rem 5rem}\n"
    "h1{font-size:1.9rem;line-height:1.2;font-weight:600;margin:.1rem 0 .4rem;overflow-wrap:anywhere}\n"
    "h2{font-size:1.2rem;line-height:1.3;font-weight:600;margin:3rem 0 .8rem}\n"
    "h3{font-size:1rem;font-weight:600;margin:1.6rem 0 .4rem}\n"
    "p{margin:.5rem 0;max-width:44rem}\n"
    "h1,p,td,th,dd,code,figcaption{unicode-bidi:isolate}\n"
    "code,pre{font-family:ui-monospace,'SFMono-Regular',Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:.8125rem}\n"
    "code{overflow-wrap:anywhere}\n"
    "a{color:var(--key);text-decoration-thickness:1px;text-underline-offset:.15em}\n"
    ".kind{color:var(--soft);margin:0;font-size:.9rem}\n"
    ".lead{font-size:1.05rem;overflow-wrap:anywhere;white-space:pre-line}\n"
    ".soft{color:var(--soft);font-size:.9rem}\n"
    ".status{border-left:3px solid var(--open);padding-left:.8rem;margin:1.2rem 0;overflow-wrap:anywhere}\n"
    ".status.good{border-color:var(--good)}.status.bad{border-color:var(--bad)}\n"
    ".status b{color:var(--open)}.status.good b{color:var(--good)}.status.bad b{color:var(--bad)}\n"
    "nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;margin:1.4rem 0 0;padding:0;font-size:.9rem}\n"
    "dl.headline{display:grid;grid-template-columns:repeat(auto-fit,minmax(10rem,1fr));gap:1rem 1.5rem;margin:1.6rem 0 2rem;"
    "padding:1rem 0;border-top:1px solid var(--rule);border-bottom:1px solid var(--rule)}\n"
    "dl.headline dt,dl.headline dd{margin:0;font-size:.85rem;color:var(--soft)}\n"
    "dl.headline dd.value{font-size:1.55rem;line-height:1.3;color:var(--ink);overflow-wrap:anywhere}\n";

static const char tables[] =
    ".wide{overflow-x:auto;margin:1rem 0}\n"
    "table{border-collapse:collapse;font-size:.875rem;line-height:1.4;font-variant-numeric:lining-nums tabular-nums;"
    "border-top:1.5px solid var(--ink);border-bottom:1.5px solid var(--ink)}\n"
    "caption{text-align:left;caption-side:top;color:var(--soft);padding-bottom:.4rem;font-size:.875rem}\n"
    "th{font-weight:600;text-align:right;vertical-align:bottom}\n"
    "thead th{border-bottom:1px solid var(--ink);padding:.3rem .6rem}\n"
    "td{text-align:right;padding:.16rem .6rem;vertical-align:baseline;white-space:nowrap}\n"
    ".l,.facts th,.facts td{text-align:left}\n"
    "td.l{white-space:normal;min-width:6rem;overflow-wrap:anywhere}\n"
    ".spec td,.members td:first-child{"
    "font-family:ui-monospace,'SFMono-Regular',Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:.8125rem}\n"
    ".spec td:first-child,.members td:nth-child(2){white-space:nowrap}.members td:first-child{min-width:19rem}\n"
    ".spec td{padding-right:1.2rem}.epochs td,.epochs th{font-size:.8125rem;padding-left:.45rem;padding-right:.45rem}\n"
    "th:first-child,td:first-child{padding-left:.2rem}\n"
    "tbody tr:first-child>*{padding-top:.35rem}tbody tr:last-child>*{padding-bottom:.35rem}\n"
    "tr.best td{font-weight:700}\n"
    "table.facts{margin:1rem 0;width:100%;table-layout:fixed}\n"
    ".facts th{width:11rem;font-weight:400;color:var(--soft);vertical-align:baseline;padding:.16rem .7rem .16rem .2rem}\n"
    ".facts td{white-space:normal;overflow-wrap:anywhere}\n"
    "details{margin:1rem 0}\n"
    "summary{cursor:pointer;color:var(--key);font-size:.9rem}\n"
    "summary:focus-visible,.wide:focus-visible,a:focus-visible{outline:2px solid var(--key);outline-offset:2px}\n";

static const char blocks[] =
    "pre{margin:.3rem 0 1rem;padding:.7rem .9rem;background:var(--shade);overflow-x:auto;line-height:1.5;tab-size:4}\n"
    "pre.command{white-space:pre-wrap;overflow-wrap:anywhere}\n"
    "p.what{margin:1rem 0 .2rem}\n"
    "pre.yaml .k{color:var(--key)}pre.yaml .v{color:var(--value)}\n"
    "pre.yaml mark{background:var(--mark);color:inherit;box-shadow:-.35rem 0 var(--mark),.35rem 0 var(--mark);"
    "-webkit-box-decoration-break:clone;box-decoration-break:clone}\n"
    "figure{margin:1.6rem 0}\n"
    "figure svg{display:block;width:100%;height:auto}figure.single{max-width:46rem}figure .dark{display:none}\n"
    "figure .slim{display:none}\n"
    "@media screen and (prefers-color-scheme:dark){figure .light:not(.both){display:none}figure .dark{display:block}"
    "figure .both svg{filter:invert(.91) hue-rotate(180deg)}}\n"
    "@media screen and (max-width:34rem){main{padding-left:.8rem;padding-right:.8rem}"
    "figure .light,figure .dark{display:none}figure .slim.light{display:block}td.l:last-child{min-width:15rem}}\n"
    "figcaption{font-size:.875rem;line-height:1.45;color:var(--soft);margin-top:.5rem;max-width:44rem}\n"
    "figcaption b{color:var(--ink)}\n"
    ".pair{display:grid;grid-template-columns:1fr 1fr;gap:0 2rem}\n"
    "@media (max-width:46rem){.pair{grid-template-columns:1fr}main{padding-top:1.5rem}}\n";

/* Figures that the script draws; those of the page stay for print. */
static const char live[] =
    "@media screen{figure.on>.light,figure.on>.dark{display:none!important}}\n"
    "@media print{figure .live{display:none}}\n"
    ".live{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:1rem 2rem;"
    "font:.8rem/1.4 'DejaVu Sans',Verdana,sans-serif}\n"
    "figure.single .live{grid-template-columns:1fr}\n"
    ".live .panel{min-width:0}.live .title{font-weight:600;margin:.2rem 0}\n"
    ".live svg{display:block;width:100%;touch-action:pan-y;cursor:crosshair}\n"
    ".live svg:focus-visible{outline:2px solid var(--key);outline-offset:2px}\n"
    ".live text{font-size:12px;fill:var(--ink)}.live text.note{font-size:11px;fill:var(--soft)}\n"
    ".live .grid{stroke:var(--rule)}.live .frame{stroke:var(--soft);fill:none}\n"
    ".live .mark{stroke:var(--soft);stroke-dasharray:4 4}.live .cursor{stroke:var(--ink);stroke-width:1}\n"
    ".live .curve{fill:none;stroke:var(--c);stroke-width:2}.live .faint{stroke-width:1;opacity:.45}\n"
    ".live .band{fill:var(--c);opacity:.16}.live .dot{fill:var(--c)}\n"
    ".live .open{fill:var(--paper);stroke:var(--c);stroke-width:2}.live .cross{stroke:var(--c);stroke-width:2.5}\n"
    ".live button{font:inherit;color:var(--ink);background:var(--shade);border:1px solid var(--rule);border-radius:3px;"
    "margin:0 .4rem .4rem 0;padding:.3rem .6rem;min-height:2rem;max-width:100%;overflow-wrap:anywhere;cursor:pointer}\n"
    ".live .legend button{border-left:6px solid var(--c)}\n"
    ".live button[aria-pressed=false]{color:var(--soft);text-decoration:line-through;background:none}\n"
    ".live .axes button[aria-pressed=false]{text-decoration:none}\n"
    ".live .axes button[aria-pressed=true]{border-color:var(--key);color:var(--key)}\n"
    ".live .read{display:flex;flex-wrap:wrap;gap:.1rem 1rem;min-height:2.9em}\n"
    ".live .value{border-left:4px solid var(--c);padding-left:.35rem}\n";

/* In print everything is unfolded, on white. */
static const char print[] =
    "@media print{:root{color-scheme:light;--ink:#000;--soft:#444;--rule:#bbb;--paper:#fff;--shade:#f5f5f5;--mark:#eee4b8;"
    "--key:#00426c;--value:#6e3200;--good:#005a3f;--bad:#8f2f00;--open:#5c4500}\n"
    "@page{size:A4;margin:18mm 16mm}\n"
    "html{font-size:9.5pt}main{max-width:none;padding:0}nav,summary{display:none}\n"
    "h2{margin-top:8mm}h2,h3,caption,p.what,thead{break-after:avoid}tbody tr:first-child{break-before:avoid}\n"
    "thead{display:table-header-group}tr,figure,dl.headline,pre.command,.status,table.facts{break-inside:avoid}\n"
    "dl.headline{grid-template-columns:repeat(auto-fit,minmax(32mm,1fr));gap:3mm}\n"
    "td,thead th{padding-left:1.1mm;padding-right:1.1mm}td.l{min-width:0}.members td:first-child{min-width:58mm}\n"
    ".groups td,.members td{font-size:7.5pt}.epochs td,.epochs th{font-size:6.5pt;padding-left:.7mm;padding-right:.7mm}\n"
    "code,pre,.spec td,.members td:first-child{font-size:7.5pt}figure.single{max-width:125mm}figure .dark,figure .slim{display:none}\n"
    "details::details-content{content-visibility:visible;display:block;height:auto}\n"
    ".wide,pre{overflow:visible}pre{white-space:pre-wrap;overflow-wrap:anywhere}a{color:inherit;text-decoration:none}}\n";

const char *const report_style[] = {colours, text, tables, blocks, live, print, NULL};
