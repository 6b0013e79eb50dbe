/** A page of the control plane, as HTML. What it says is ours; what people say is filled in by its script, as text. */
export interface PageText {
  readonly title: string;
  /** File of `browser/` without its ending. */
  readonly script: string;
  /** For the script: what the page is for. */
  readonly purpose?: string;
  readonly body: string;
}

export function renderLayout({ title, script, purpose, body }: PageText): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Passerelle</title>
<link rel="stylesheet" href="/pages/pages.css">
<script type="module" src="/pages/${script}.js"></script>
</head>
<body${purpose === undefined ? "" : ` data-purpose="${purpose}"`}>
<header><p>Passerelle</p></header>
<main>
<h1>${title}</h1>
<noscript><p>This page needs JavaScript. Everything it does can also be done by the <a href="/api/docs">API</a>.</p></noscript>
<p id="alert" class="problem" role="alert" hidden></p>
<p id="status" role="status" hidden></p>
${body}
</main>
</body>
</html>
`;
}

export interface Field {
  /** As the API calls it. */
  readonly name: string;
  readonly label: string;
  readonly type: "email" | "text" | "password";
  /** What the browser may fill in: https://html.spec.whatwg.org/#autofill */
  readonly autocomplete: string;
  readonly hint?: string;
  readonly isOptional?: boolean;
  readonly isReadOnly?: boolean;
  /** Until the script asks for it. */
  readonly isHidden?: boolean;
}

/** Hidden until its script is there. Its method keeps a password out of the address, whatever happens. */
export function renderForm(fields: readonly Field[], button: string): string {
  return `<form method="post" hidden>
${fields.map(renderField).join("\n")}
<button type="submit">${button}</button>
</form>`;
}

/** A field with the place where its problem is told. */
function renderField(field: Field): string {
  const { name, label, type, autocomplete, hint, isOptional = false, isReadOnly = false, isHidden = false } = field;
  const described = hint === undefined ? `${name}-problem` : `${name}-problem ${name}-hint`;
  return `<div${isHidden ? " hidden" : ""}>
<label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}" autocapitalize="none" spellcheck="false" aria-describedby="${described}"${isOptional ? "" : " required"}${isReadOnly ? " readonly" : ""}>
${hint === undefined ? "" : `<p class="hint" id="${name}-hint">${hint}</p>`}
<p class="problem" id="${name}-problem" hidden></p>
</div>`;
}
