/**
 * Sends a request to the API of this site.
 *
 * @param {string} method
 * @param {string} path below /api/v1
 * @param {unknown} [body]
 * @param {string} [csrfToken] of `GET /me`, for a change by somebody who is signed in
 * @returns {Promise<{status: number, body: any}>} status 0, with a `detail` for people, when nothing answers
 */
export async function send(method, path, body, csrfToken) {
  const headers = {
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...(csrfToken === undefined ? {} : { "x-csrf-token": csrfToken }),
  };
  try {
    const response = await fetch(`/api/v1${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get("content-type") ?? "");
    return { status: response.status, body: isJson ? JSON.parse(text) : {} };
  } catch {
    // The network is away, or what stands between broke off; which of them, browsers do not tell.
    return { status: 0, body: { detail: "The apiserver does not answer. Try again in a minute." } };
  }
}
