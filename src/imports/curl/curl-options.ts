/** What an option of curl means here. */
export type OptionMeaning =
  | "url"
  | "method"
  | "header"
  | "data"
  | "dataRaw"
  | "dataBinary"
  | "dataUrlencode"
  | "json"
  | "form"
  | "formString"
  | "get"
  | "head"
  | "urlQuery"
  | "user"
  | "bearer"
  | "cookie"
  | "userAgent"
  | "referer"
  | "insecure"
  | "follow"
  | "maxRedirects"
  | "maxTime"
  | "connectTimeout"
  | "proxy"
  | "proxyUser"
  | "socks"
  | "upload"
  | "cert"
  | "key"
  | "caCert"
  | "next"
  | "config"
  /** Changes nothing about the request. */
  | "ignored"
  /** Changes the request or its answer in a way that cannot be kept. */
  | "unsupported";

type Names = Readonly<Partial<Record<OptionMeaning, string>>>;

export interface CurlOption {
  readonly meaning: OptionMeaning;
  readonly takesValue: boolean;
}

/** Names by meaning, of options that take a value. */
const withValue: Names = {
  url: "url",
  method: "X request",
  header: "H header",
  data: "d data data-ascii",
  dataRaw: "data-raw",
  dataBinary: "data-binary",
  dataUrlencode: "data-urlencode",
  json: "json",
  form: "F form",
  formString: "form-string",
  urlQuery: "url-query",
  user: "u user",
  bearer: "oauth2-bearer",
  cookie: "b cookie",
  userAgent: "A user-agent",
  referer: "e referer",
  maxRedirects: "max-redirs",
  maxTime: "m max-time",
  connectTimeout: "connect-timeout",
  proxy: "x proxy",
  proxyUser: "U proxy-user",
  socks: "socks5 socks5-hostname",
  upload: "T upload-file",
  cert: "E cert",
  key: "key",
  caCert: "cacert",
  config: "K config",
  ignored:
    "o output c cookie-jar D dump-header w write-out stderr retry retry-delay retry-max-time trace trace-ascii " +
    "libcurl limit-rate Y speed-limit y speed-time keepalive-time output-dir max-filesize parallel-max rate " +
    "etag-save C continue-at",
  unsupported:
    "unix-socket abstract-unix-socket interface resolve connect-to dns-servers doh-url r range Q quote t telnet-option " +
    "z time-cond tls-max ciphers tls13-ciphers curves capath pinnedpubkey cert-type key-type pass crlfile " +
    "proxy-header proxy1.0 preproxy noproxy socks4 socks4a haproxy-clientip aws-sigv4 netrc-file hostpubmd5 " +
    "request-target login-options krb service-name mail-from mail-rcpt mail-auth delegation P ftp-port " +
    "etag-compare variable local-port engine proto proto-default proto-redir",
};

const withoutValue: Names = {
  get: "G get",
  head: "I head",
  insecure: "k insecure",
  follow: "L location location-trusted",
  next: ": next",
  ignored:
    "s silent S show-error v verbose i include show-headers f fail fail-with-body fail-early # progress-bar compressed " +
    "O remote-name remote-name-all J remote-header-name N no-buffer g globoff 0 http1.0 http1.1 http2 " +
    "http2-prior-knowledge http3 http3-only 4 ipv4 6 ipv6 no-keepalive no-sessionid tcp-nodelay tcp-fastopen " +
    "path-as-is raw retry-connrefused retry-all-errors create-dirs trace-time no-progress-meter basic anyauth " +
    "ssl-no-revoke ssl-reqd tlsv1 1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 Z parallel q disable j junk-session-cookies " +
    "M manual V version post301 post302 post303 compressed-ssh tr-encoding xattr remote-time R styled-output",
  unsupported:
    "digest ntlm ntlm-wb negotiate n netrc netrc-optional proxy-insecure proxy-digest proxy-ntlm p proxytunnel",
};

/** Finds an option by its name without dashes: a letter, or a long name. Absent for what is not known here. */
export function findCurlOption(name: string): CurlOption | undefined {
  return find(withValue, name, true) ?? find(withoutValue, name, false);
}

function find(names: Names, name: string, takesValue: boolean): CurlOption | undefined {
  for (const [meaning, list] of Object.entries(names)) {
    // The keys of the tables are meanings: their type says so.
    if (list.split(" ").includes(name)) return { meaning: meaning as OptionMeaning, takesValue };
  }
  return undefined;
}
