// Renders templates with Nunjucks, Handlebars, EJS, liquidjs and Twig.js. The protocol is that of render.py; a job
// with `compile` instead of the rest but `engine` only compiles that source.
// The packages are looked up in the folder NODE_MODULES, so that nothing is installed beside this file.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.NODE_MODULES}/`);
const PACKAGES = { nunjucks: "nunjucks", handlebars: "handlebars", ejs: "ejs", liquid: "liquidjs", twig: "twig" };

const ENGINES = {
  nunjucks({ name, sources, globals, context, options }) {
    const { Environment } = require("nunjucks");
    const loader = {
      getSource: (path) => (path in sources ? { src: sources[path], path, noCache: true } : null),
    };
    const environment = new Environment(loader, { autoescape: true, throwOnUndefined: true, ...options });
    for (const [key, value] of Object.entries(globals)) environment.addGlobal(key, value);
    return environment.render(name, context);
  },

  // The name of a partial is that of its file, up to the first dot.
  handlebars({ name, sources, globals, context, options }) {
    const handlebars = require("handlebars").create();
    for (const [path, source] of Object.entries(sources)) handlebars.registerPartial(path.split(".")[0], source);
    handlebars.registerHelper("asset", (path) => `/assets/${path}`);
    handlebars.registerHelper("eq", (a, b) => a === b);
    handlebars.registerHelper("json", (value) => new handlebars.SafeString(JSON.stringify(value)));
    handlebars.registerHelper("raw", (block) => block.fn());
    handlebars.registerHelper("upper", (text) => text.toUpperCase());
    return handlebars.compile(sources[name], options)({ ...globals, ...context });
  },

  ejs({ name, sources, globals, context, options }) {
    const includer = (path) => ({ template: sources[path] });
    return require("ejs").render(sources[name], { ...globals, ...context }, { includer, ...options });
  },

  liquid({ name, sources, globals, context, options }) {
    const { Liquid } = require("liquidjs");
    const engine = new Liquid({ templates: sources, globals, ...options });
    return engine.renderFileSync(name, context);
  },

  // Twig.js knows templates by id for the life of the process; a macro sees no variables, but functions.
  twig({ name, sources, globals, context, options }) {
    const Twig = require("twig");
    Twig.extend((core) => {
      core.Templates.registry = {};
    });
    for (const [key, value] of Object.entries(globals)) Twig.extendFunction(key, () => value);
    const common = { allowInlineIncludes: true, rethrow: true, ...options };
    for (const [id, data] of Object.entries(sources)) Twig.twig({ id, data, ...common });
    return Twig.twig({ ref: name }).render(context);
  },
};

const COMPILERS = {
  nunjucks(source) {
    const { Environment, Template } = require("nunjucks");
    new Template(source, new Environment([]), "template", true);
  },
  handlebars: (source) => require("handlebars").precompile(source),
  ejs: (source) => require("ejs").compile(source, { client: true }),
};

function run(job) {
  if ("compile" in job) {
    COMPILERS[job.engine](job.compile);
    return "";
  }
  return String(ENGINES[job.engine](job));
}

function versions() {
  const found = {};
  for (const [engine, name] of Object.entries(PACKAGES)) {
    try {
      require(name);
      found[engine] = JSON.parse(readFileSync(`${process.env.NODE_MODULES}/${name}/package.json`)).version;
    } catch {
      // Not installed: left out.
    }
  }
  return found;
}

function result(job) {
  try {
    return { output: run(job) };
  } catch (error) {
    return { error: `${error.name}: ${error.message}` };
  }
}

if (process.argv[2] === "versions") {
  process.stdout.write(JSON.stringify(versions()));
} else {
  process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0)).map(result)));
}
