/** Light or dark as the reader's system is; no fonts, images or scripts from anywhere. */
export const pageStyle = `
:root { color-scheme: light dark; --line: light-dark(#d9dce3, #343943); --soft: light-dark(#f5f6f8, #1b1e24);
  --text: light-dark(#1a1d23, #e6e8ec); --faint: light-dark(#5b6270, #a3abb9); --link: light-dark(#1f5fbf, #8ab4f8); }
* { box-sizing: border-box; }
body { margin: 0; display: grid; grid-template-columns: 18rem minmax(0, 1fr); font: 15px/1.5 system-ui, sans-serif;
  color: var(--text); background: light-dark(#fff, #14161a); }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1rem; background: var(--soft);
  border-right: 1px solid var(--line); font-size: 14px; }
nav h1 { font-size: 1.1rem; margin: 0; } nav h2 { font-size: .9rem; margin: 1rem 0 .25rem; }
nav ul { list-style: none; margin: 0; padding: 0; } nav li { padding: .1rem 0; }
main { padding: 1rem 2rem 4rem; max-width: 64rem; }
a { color: var(--link); text-decoration: none; } a:hover, a:focus-visible { text-decoration: underline; }
article { border-top: 1px solid var(--line); padding: .75rem 0 1.5rem; scroll-margin-top: 1rem; }
h3 { margin: .25rem 0; font-size: 1.05rem; } h4 { margin: 1rem 0 .25rem; font-size: .9rem; color: var(--faint); }
.call { margin: .25rem 0; } .who { margin: .25rem 0; color: var(--faint); }
code { font: 13px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin: .25rem 0; font-size: 14px; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); }
em { color: var(--faint); font-style: normal; font-size: 12px; }
dt { font-weight: 600; } dd { margin: 0 0 .5rem 1rem; }
@media (max-width: 50rem) { body { grid-template-columns: minmax(0, 1fr); } nav { position: static; height: auto;
  border-right: 0; border-bottom: 1px solid var(--line); } main { padding: 1rem; } }
`;
