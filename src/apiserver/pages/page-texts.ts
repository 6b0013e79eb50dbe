import { codeField, emailField, nameField, newPasswordFields } from "./page-fields.ts";
import { type Field, renderForm, renderLayout } from "./page-layout.ts";

/** The pages by their path. */
export const pageTexts: ReadonlyMap<string, () => string> = new Map([
  ["/account", accountPage],
  ["/sign-in", signInPage],
  ["/setup", setupPage],
  ["/invite", invitePage],
  ["/reset", resetPage],
]);

function setupPage(): string {
  return renderLayout({
    title: "Make the first administrator",
    script: "link",
    purpose: "setup",
    body: `<p>Whoever fills this in administers everything here. The link works once.</p>
${renderForm([emailField, nameField, ...newPasswordFields], "Make the administrator")}
<p id="advice" hidden>While there is no user, each start of the apiserver prints a new link. Where there is one, <a href="/sign-in">sign in</a>.</p>`,
  });
}

function invitePage(): string {
  return renderLayout({
    title: "Choose a password",
    script: "link",
    purpose: "invite",
    body: `<p>You were invited. Your password opens your account from now on.</p>
${renderForm([{ ...emailField, isReadOnly: true }, nameField, ...newPasswordFields], "Set the password")}
${adviceOnLinks()}`,
  });
}

function resetPage(): string {
  return renderLayout({
    title: "Choose a new password",
    script: "link",
    purpose: "reset",
    body: `<p>It takes the place of the one before. You are signed out everywhere else.</p>
${renderForm([{ ...emailField, isReadOnly: true }, ...newPasswordFields], "Set the password")}
${adviceOnLinks()}`,
  });
}

function adviceOnLinks(): string {
  return `<p id="advice" hidden>Administrators make new links. If you know your password, <a href="/sign-in">sign in</a>.</p>`;
}

function signInPage(): string {
  return renderLayout({
    title: "Sign in",
    script: "sign-in",
    body: `<p id="needs-setup" hidden>There is no user yet. Open the link that the apiserver printed when it started; it makes the first administrator.</p>
${renderForm([emailField, knownPassword("password", "Password"), codeField], "Sign in")}
<ul id="providers" class="plain" hidden></ul>`,
  });
}

function accountPage(): string {
  const fields = [knownPassword("currentPassword", "Current password"), codeField, ...newPasswordFields];
  return renderLayout({
    title: "My account",
    script: "home",
    body: `<div id="signed-in" hidden>
<p><strong id="who"></strong><br><span id="roles"></span></p>
<a class="button" href="/">Open Passerelle</a>
<button id="sign-out" type="button" class="plain">Sign out</button>
<section id="change-password" hidden>
<h2>Change your password</h2>
<p>An administrator asks you to, before you do anything else.</p>
${renderForm(fields, "Change the password")}
</section>
<h2>The API</h2>
<p>Everything is done by the API below <code>/api/v1</code>: servers, secrets, keys, people.</p>
<ul>
<li><a href="/api/docs">The API, described</a></li>
<li><a href="/api/v1/openapi.json">The same for programs (OpenAPI 3.1)</a></li>
</ul>
<section id="make-key" hidden>
<h2>An API key, by curl</h2>
<p>In a shell (bash). The answer holds the key, this once. A quote or backslash in the password needs a backslash before it; with one-time passwords on, send <code>"code"</code> too.</p>
<pre id="key-recipe"></pre>
<p>Then the key opens the API:</p>
<pre id="key-use"></pre>
</section>
</div>`,
  });
}

function knownPassword(name: string, label: string): Field {
  return { name, label, type: "password", autocomplete: "current-password" };
}
