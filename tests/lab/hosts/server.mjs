// Serves nothing but headers, as the host's own package has them: node server.mjs TARGET PACKAGES CONFIG SITE PORT
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [target, packages, config, site, port] = process.argv.slice(2);
const require = createRequire(packages + "/x.js");
const load = (path) => import(pathToFileURL(`${packages}/node_modules/${path}`).href);

// netlify-cli's headersForPath: every rule that matches, a later value in the place of an earlier one.
async function netlify() {
  const { parseAllHeaders } = await load("@netlify/headers-parser/lib/index.js");
  const input = config.endsWith(".toml") ? { netlifyConfigPath: config } : { headersFiles: [config] };
  const { headers, errors } = await parseAllHeaders({ ...input, minimal: false });
  if (errors.length) throw errors[0];
  return (url) => Object.assign({}, ...headers.filter((rule) => rule.forRegExp.test(url)).map((rule) => rule.values));
}

// The router of `vercel dev`: PCRE on the path as it was sent (or decoded), later headers in the place of earlier ones.
async function vercel() {
  const { getTransformedRoutes } = require("@vercel/routing-utils");
  const { default: pcre } = await load("pcre-to-regexp/dist/index.js");
  const PCRE = pcre.default ?? pcre;
  const { routes, error } = getTransformedRoutes(JSON.parse(readFileSync(config, "utf8")));
  if (error) throw new Error(JSON.stringify(error));
  const flags = process.env.CASE === "i" ? "i" : "";
  return (url) => {
    const path = process.env.DECODED ? decodeURIComponent(url) : url;
    const all = {};
    for (const route of routes ?? []) {
      const keys = [];
      const match = PCRE(`%${route.src}%${flags}`, keys).exec(path);
      if (!match || !route.headers || route.status) continue;
      for (const [key, value] of Object.entries(route.headers)) {
        all[key.toLowerCase()] = value.replace(/\$([1-9a-zA-Z]+)/g, (_, n) => match[parseInt(n, 10)] || "");
      }
    }
    return all;
  };
}

async function azure() {
  const engine = "@azure/static-web-apps-cli/dist/msha/routes-engine/rules";
  const { tryGetMatchingRoute } = await load(`${engine}/routes.js`);
  const { getHeadersForRoute } = await load(`${engine}/headers.js`);
  const settings = JSON.parse(readFileSync(config, "utf8"));
  return (url) => {
    const route = tryGetMatchingRoute({ url, method: "GET", headers: { host: "localhost" } }, settings);
    return getHeadersForRoute(route?.headers, settings.globalHeaders);
  };
}

if (target === "firebase") {
  const { default: superstatic } = require("superstatic");
  const { hosting } = JSON.parse(readFileSync(config, "utf8"));
  const handler = superstatic({ cwd: site, config: { ...hosting, public: "." }, fallthrough: false });
  createServer((request, response) => handler(request, response, () => response.writeHead(404).end())).listen(port);
} else {
  const headers = await { netlify, vercel, azure }[target]();
  createServer((request, response) => {
    for (const [name, value] of Object.entries(headers(request.url))) response.setHeader(name, value);
    response.end("ok");
  }).listen(port);
}
