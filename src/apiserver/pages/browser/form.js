/**
 * Shows a form and sends what is typed into it; what is wrong is told beside the fields, the rest above them.
 *
 * @param {HTMLFormElement} form
 * @param {(values: Record<string, string>) => Promise<{body: any} | undefined>} submit answers a problem of the API, or
 *   undefined when all is well and the page goes on to another
 */
export function useForm(form, submit) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send(form, submit);
  });
  form.hidden = false;
  inputsOf(form)
    .find((input) => !input.readOnly && input.value === "")
    ?.focus();
}

async function send(form, submit) {
  const button = form.querySelector("button");
  clearProblems(form);
  if (!samePasswords(form)) return;
  button.disabled = true;
  const problem = await submit(valuesOf(form));
  // Without a problem the browser is on its way: nobody shall press again.
  if (problem === undefined) return;
  button.disabled = false;
  showProblem(form, problem.body);
}

/** What is typed: not what is only shown, nor the repetition of the password. */
function valuesOf(form) {
  const typed = inputsOf(form).filter((input) => !input.readOnly && input.name !== "repeated");
  return Object.fromEntries(typed.map((input) => [input.name, input.value]));
}

function inputsOf(form) {
  return [...form.querySelectorAll("input")].filter((input) => input.closest("[hidden]") === null);
}

function samePasswords(form) {
  const { password, repeated } = form.elements;
  if (repeated === undefined || password.value === repeated.value) return true;
  mark(repeated, "The two passwords are not the same.");
  repeated.focus();
  return false;
}

/** @param {{detail?: string, errors?: {field: string, message: string}[]}} problem */
function showProblem(form, { detail, errors = [] }) {
  const marked = errors.flatMap(({ field, message }) => {
    const input = inputsOf(form).find(({ name }) => `body.${name}` === field);
    if (input === undefined) return [];
    mark(input, asSentence(message));
    return [input];
  });
  if (marked.length === 0 || marked.length < errors.length) showAlert(detail ?? "That did not work. Try again.");
  marked[0]?.focus();
}

/** The API says `must have …` of a field. */
function asSentence(message) {
  const whole = /^(?:must|is|may|has|holds) /.test(message) ? `It ${message}` : message;
  const text = whole.charAt(0).toUpperCase() + whole.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function mark(input, text) {
  const place = document.getElementById(`${input.id}-problem`);
  place.textContent = text;
  place.hidden = false;
  input.setAttribute("aria-invalid", "true");
}

function clearProblems(form) {
  document.getElementById("alert").hidden = true;
  for (const input of form.querySelectorAll("input")) {
    input.removeAttribute("aria-invalid");
    document.getElementById(`${input.id}-problem`).hidden = true;
  }
}

/** What is wrong with all of it, read out by screen readers. */
export function showAlert(text) {
  const alert = document.getElementById("alert");
  alert.textContent = text;
  alert.hidden = false;
}

/** Something good to know, read out likewise. */
export function showStatus(text) {
  const status = document.getElementById("status");
  status.textContent = text;
  status.hidden = false;
}
