// Express with the code of FOLDER/text and the template FOLDER/page: FOLDER DIALECT.
const fs = require("node:fs");
const express = require("express");

const [folder, dialect] = process.argv.slice(2);
const app = express();
// As it stands, where `app` and `require` are what they are in a program.
eval(`${fs.readFileSync(`${folder}/text`, "utf8")}\n`);
const page = `${folder}/page.${dialect}`;
fs.copyFileSync(`${folder}/page`, page);
const engines = {
  ejs: () => require("ejs").__express,
  handlebars: () => require("express-handlebars").create({ defaultLayout: false }).engine,
  mustache: () => require("mustache-express")(),
};
if (dialect === "nunjucks") {
  require("nunjucks").configure(folder, { autoescape: true, express: app });
} else {
  app.engine(dialect, engines[dialect]());
}
app.set("views", folder);
app.set("view engine", dialect);
app.get("/", (req, res) => res.render(`page.${dialect}`));
app.get("/without", (req, res) => res.send("nothing"));

const server = app.listen(0, "127.0.0.1", async () => {
  for (const path of ["/", "/", "/without"]) {
    const response = await fetch(`http://127.0.0.1:${server.address().port}${path}`);
    const policy = response.headers.get("content-security-policy");
    console.log(JSON.stringify({ policy, body: await response.text() }));
  }
  server.close();
});
