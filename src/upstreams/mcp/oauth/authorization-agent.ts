/**
 * Takes a user through the pages of an authorization server. The token source knows what to ask for and
 * what to make of the answer; the agent knows the user's browser.
 */
export interface AuthorizationAgent {
  /** Where the authorization server sends the browser back to; part of the client's registration. */
  readonly redirectUrl: string;
  /**
   * Opens the page for the user and waits until the browser is back, which may take minutes.
   *
   * @returns the query of the redirect: `code`, `state`, `iss`, or `error`
   */
  authorize(page: URL): Promise<URLSearchParams>;
}
