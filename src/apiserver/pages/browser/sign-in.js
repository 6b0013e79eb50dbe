import { send } from "./api.js";
import { showAlert, showStatus, useForm } from "./form.js";

/** Why a sign-in with a provider did not work: `?problem=` of this page. */
const problems = new Map([
  ["unverified", "The provider has not verified an e-mail address of yours."],
  ["domain", "Addresses of this domain may not sign in here."],
  ["not_invited", "There is no account for you here. Ask an administrator to invite you."],
  ["disabled", "This account is disabled. An administrator can enable it."],
  ["expired", "The sign-in was not begun in this browser, or took too long. Try again."],
  ["refused", "The provider did not let you in, or you said no there."],
  ["unavailable", "Passerelle cannot sign anybody in at the moment. Try again in a minute."],
]);
const otherProblem =
  "The provider did not answer as it should. Try again; the log of the apiserver tells administrators why.";

const code = document.getElementById("code");
const query = new URLSearchParams(location.search);
const problem = query.get("problem");
const next = ownAddress(query.get("next"));
if (problem !== null) showAlert(problems.get(problem) ?? otherProblem);
if (query.get("done") === "password") showStatus("Your password is set. Sign in with it and a code.");

useForm(document.querySelector("form"), async (values) => {
  const answer = await send("POST", "/session", values);
  if (answer.status !== 201) {
    if (answer.body.codeRequired === true) askForCode();
    return answer;
  }
  location.replace(answer.body.mustChangePassword === true ? "/account" : next);
  return undefined;
});
await showWays();

/** Where to go afterwards: an address of this site, whatever a link to this page says. */
function ownAddress(given) {
  if (given === null || !URL.canParse(given, location.origin)) return "/";
  const { origin, pathname, search } = new URL(given, location.origin);
  return origin === location.origin && !pathname.startsWith("//") ? pathname + search : "/";
}

function askForCode() {
  code.closest("div").hidden = false;
  code.required = true;
  code.value = "";
  code.focus();
}

/** Providers as links; and a word to who comes before the first administrator. */
async function showWays() {
  const { status, body } = await send("GET", "/sign-in");
  if (status !== 200) return;
  document.getElementById("needs-setup").hidden = !body.needsSetup;
  const list = document.getElementById("providers");
  for (const { id, title } of body.providers) {
    const link = document.createElement("a");
    link.className = "button";
    link.href = `/api/v1/sign-in/${encodeURIComponent(id)}?returnTo=${encodeURIComponent(next)}`;
    link.textContent = `Sign in with ${title}`;
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  }
  list.hidden = body.providers.length === 0;
}
