// What hosts' own packages make of files, each URL's policies: node ask.mjs HOST PACKAGES < CASES > CASES
//
// A case is {file, answers: {url: [policy, ...]}}, and `answers` is what is filled in; a policy that is only reported begins with
// "report-only: ". A file that the package refuses gets {} for its answers.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [host, packages] = process.argv.slice(2);
const require = createRequire(packages + "/x.js");
const load = (path) => import(pathToFileURL(`${packages}/node_modules/${path}`).href);
const work = mkdtempSync(join(tmpdir(), "ask-"));

// The policies among pairs of a name and a value.
function policies(pairs) {
  const found = [];
  for (const [name, value] of pairs) {
    if (name.toLowerCase() === "content-security-policy") found.push(value);
    if (name.toLowerCase() === "content-security-policy-report-only") found.push("report-only: " + value);
  }
  return found;
}

// The last value of each name, in any case.
function last(pairs) {
  return policies(Object.entries(Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value]))).filter(([, value]) => value !== ""));
}

async function netlify(name, file) {
  const { parseAllHeaders } = await load("@netlify/headers-parser/lib/index.js");
  const path = join(work, name);
  writeFileSync(path, file);
  const input = name.endsWith(".toml") ? { netlifyConfigPath: path } : { headersFiles: [path] };
  const { headers, errors } = await parseAllHeaders({ ...input, minimal: false });
  if (errors.length) throw errors[0];
  return (url) => policies(headers.filter((rule) => rule.forRegExp.test(url)).flatMap((rule) => Object.entries(rule.values)));
}

const hosts = {
  netlify: (file) => netlify("_headers", file),
  "netlify-toml": (file) => netlify("netlify.toml", file),
  // The router of `vercel dev`.
  async vercel(file) {
    const { getTransformedRoutes } = require("@vercel/routing-utils");
    const { default: pcre } = await load("pcre-to-regexp/dist/index.js");
    const PCRE = pcre.default ?? pcre;
    const { routes, error } = getTransformedRoutes(JSON.parse(file));
    if (error) throw new Error(JSON.stringify(error));
    return (url) => {
      const all = [];
      for (const route of routes ?? []) {
        const match = PCRE(`%${route.src}%`, []).exec(url);
        if (!match || route.status) continue;
        for (const [name, value] of Object.entries(route.headers)) {
          all.push([name, value.replace(/\$([1-9a-zA-Z]+)/g, (_, n) => match[parseInt(n, 10)] || "")]);
        }
      }
      return last(all);
    };
  },
  // superstatic's own middleware behind a server.
  async firebase(file) {
    const middleware = require("superstatic/lib/middleware/headers")({});
    const server = createServer((req, res) => {
      req.superstatic = { headers: JSON.parse(file).hosting.headers };
      middleware(req, res, () => res.end("ok"));
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    const get = (path) =>
      new Promise((resolve, reject) => {
        request({ host: "127.0.0.1", port: server.address().port, path, agent: false }, (response) => {
          response.resume();
          response.on("end", () => resolve(last(Object.entries(response.headers))));
        })
          .on("error", reject)
          .end();
      });
    get.close = () => server.close();
    return get;
  },
  async azure(file) {
    const engine = "@azure/static-web-apps-cli/dist/msha/routes-engine/rules";
    const { tryGetMatchingRoute } = await load(`${engine}/routes.js`);
    const { getHeadersForRoute } = await load(`${engine}/headers.js`);
    const settings = JSON.parse(file);
    return (url) => {
      const route = tryGetMatchingRoute({ url, method: "GET", headers: { host: "localhost" } }, settings);
      return last(Object.entries(getHeadersForRoute(route?.headers, settings.globalHeaders)));
    };
  },
};

const cases = JSON.parse(readFileSync(0, "utf8"));
for (const one of cases) {
  let ask;
  try {
    ask = await hosts[host](one.file);
  } catch {
    one.answers = {};
    continue;
  }
  for (const url of Object.keys(one.answers)) one.answers[url] = await ask(url);
  ask.close?.();
}
rmSync(work, { recursive: true });
process.stdout.write(JSON.stringify(cases));
