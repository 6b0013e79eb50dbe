import { send } from "./api.js";
import { showAlert, useForm } from "./form.js";

const purpose = document.body.dataset.purpose;
const form = document.querySelector("form");
const token = takeToken();

// The same page with another link in the address bar is not loaded again by itself.
addEventListener("hashchange", () => location.reload());
await begin();

/** The token leaves the address bar at once; the entry of the history keeps it, so that a reload works. */
function takeToken() {
  const found = location.hash.slice(1) || (history.state?.token ?? "");
  history.replaceState({ token: found }, "", location.pathname);
  return found;
}

async function begin() {
  const { status, body } = await send("POST", "/links/inspect", { token });
  if (status === 200 && body.purpose === purpose) {
    if (form.elements.email !== undefined) form.elements.email.value = body.email ?? "";
    if (form.elements.name !== undefined) form.elements.name.value = body.name ?? "";
    useForm(form, use);
    return;
  }
  if (status === 200 || status === 400) refuse("This link is not complete. Open all of it, up to its last character.");
  else if (status === 404) refuse(body.detail);
  else showAlert(body.detail);
}

async function use(values) {
  const answer = await send("POST", purpose === "setup" ? "/setup" : "/links/use", { token, ...values });
  if (answer.status === 201) location.replace(`/account?done=${purpose}`);
  else if (answer.status === 204) location.replace("/sign-in?done=password");
  else if (answer.status === 404) refuse(answer.body.detail);
  else return answer;
  return undefined;
}

function refuse(detail) {
  history.replaceState(null, "", location.pathname);
  form.hidden = true;
  showAlert(detail);
  document.getElementById("advice").hidden = false;
}
