// Express with the code TEXT: TEXT FOLDER [DIALECT], paths as JSON on standard input.
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const express = require("express");

const [text, folder, dialect] = process.argv.slice(2);
const app = express();
// As it stands, where `app` and `require` are what they are in a program.
eval(`${fs.readFileSync(text, "utf8")}\n`);

const engines = {
  ejs: () => app.engine("ejs", require("ejs").__express),
  handlebars: () => app.engine("handlebars", require("express-handlebars").create({ defaultLayout: false }).engine),
  mustache: () => app.engine("mustache", require("mustache-express")()),
  nunjucks: () => require("nunjucks").configure(folder, { autoescape: true, express: app }),
};
if (dialect) {
  engines[dialect]();
  fs.copyFileSync(`${folder}/page`, `${folder}/page.${dialect}`);
  app.set("views", folder);
  app.set("view engine", dialect);
  app.get("/", (req, res) => res.render(`page.${dialect}`));
}
app.use((req, res) => {
  const file = path.join(folder, decodeURIComponent(req.path));
  if (fs.existsSync(file) && fs.statSync(file).isFile()) res.type("html").send(fs.readFileSync(file));
  else res.status(404).send("nothing");
});

const get = (port, url) =>
  new Promise((resolve, reject) => {
    http.get({ host: "127.0.0.1", port, path: url, maxHeaderSize: 1 << 20 }, (response) => {
      const headers = [];
      for (let i = 0; i < response.rawHeaders.length; i += 2) headers.push(response.rawHeaders.slice(i, i + 2));
      let body = "";
      response.setEncoding("utf8").on("data", (data) => (body += data));
      response.on("end", () => resolve({ path: url, status: response.statusCode, headers, body }));
    }).on("error", reject);
  });
const server = app.listen(0, "127.0.0.1", async () => {
  for (const url of JSON.parse(fs.readFileSync(0, "utf8"))) console.log(JSON.stringify(await get(server.address().port, url)));
  server.close();
});
