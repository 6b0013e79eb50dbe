import { send } from "./api.js";
import { showAlert, showStatus, useForm } from "./form.js";

const done = new Map([
  ["setup", "You are the first administrator. The link is used up."],
  ["invite", "Your account is ready."],
  ["reset", "Your new password is set."],
]);

const me = await send("GET", "/me");
if (me.status === 401) location.replace("/sign-in?next=/account");
else if (me.status === 200) show(me.body);
else showAlert(me.body.detail);

function show(body) {
  const { name, email, roles, permissions, mustChangePassword } = body;
  const word = done.get(new URLSearchParams(location.search).get("done") ?? "");
  if (word !== undefined) showStatus(word);
  history.replaceState(null, "", "/account");
  fill("who", name === email ? email : `${name} (${email})`);
  fill("roles", rolesInWords(roles));
  const keyTenant = ["*", ...Object.keys(permissions)].find((tenant) => permissions[tenant]?.includes("keys.write"));
  if (keyTenant !== undefined) showKeyRecipe(keyTenant, roles[keyTenant]);
  if (mustChangePassword === true) askForPassword(body);
  document.getElementById("sign-out").addEventListener("click", () => void signOut(body.csrfToken));
  document.getElementById("signed-in").hidden = false;
}

function fill(id, text) {
  document.getElementById(id).textContent = text;
}

function rolesInWords(roles) {
  const parts = Object.entries(roles).map(([tenant, role]) =>
    tenant === "*" ? `${role} of everything` : `${role} in ${tenant}`,
  );
  return parts.length === 0 ? "You have no role at the moment." : `You are ${parts.join(", ")}.`;
}

/** Nothing of the account stands in the commands, so nothing of it can mean something to a shell. */
function showKeyRecipe(tenant, role) {
  const { origin } = location;
  const key = JSON.stringify({ name: "curl", use: { kind: "api", role } });
  fill(
    "key-recipe",
    `read -rp 'E-mail: ' EMAIL; read -rsp 'Password: ' PASSWORD
CSRF=$(curl -sS -c cookies.txt -H 'content-type: application/json' \\
  -d @- ${origin}/api/v1/session <<END | sed -E 's/.*"csrfToken":"([^"]+)".*/\\1/'
{"email":"$EMAIL","password":"$PASSWORD"}
END
)
curl -sS -b cookies.txt -H 'origin: ${origin}' -H "x-csrf-token: $CSRF" \\
  -H 'content-type: application/json' -d '${key}' \\
  '${origin}/api/v1/tenants/${tenant}/keys'
rm cookies.txt`,
  );
  fill("key-use", `curl -H 'authorization: Bearer KEY' ${origin}/api/v1/me`);
  document.getElementById("make-key").hidden = false;
}

function askForPassword({ csrfToken, hasTotp }) {
  document.getElementById("change-password").hidden = false;
  document.getElementById("code").closest("div").hidden = hasTotp !== true;
  useForm(document.querySelector("form"), async (values) => {
    const answer = await send("PUT", "/me/password", values, csrfToken);
    if (answer.status !== 200) return answer;
    location.replace("/account?done=reset");
    return undefined;
  });
}

async function signOut(csrfToken) {
  const { status, body } = await send("DELETE", "/session", undefined, csrfToken);
  // 401: it was over already.
  if (status === 204 || status === 401) location.replace("/sign-in");
  else showAlert(body.detail);
}
