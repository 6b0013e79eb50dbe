/** Leads to the page to sign in by, and from there back to where somebody is now. */
export function leaveToSignIn(): void {
  const here = location.pathname + location.search;
  location.assign(`/sign-in?next=${encodeURIComponent(here)}`);
}
