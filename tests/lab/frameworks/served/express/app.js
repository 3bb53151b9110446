// Express with the policy of `policy.js`, if there is one, and three engines.
const fs = require("node:fs");
const path = require("node:path");
const express = require("express");
const handlebars = require("express-handlebars");
const nunjucks = require("nunjucks");

const app = express();
if (fs.existsSync("policy.js")) eval(fs.readFileSync("policy.js", "utf8"));
app.set("views", "views");
app.engine("ejs", require("ejs").__express);
app.engine("hbs", handlebars.create({ extname: "hbs", layoutsDir: "views", partialsDir: "views", defaultLayout: "layout" }).engine);
const environment = nunjucks.configure("views", { autoescape: true });
app.engine("njk", (file, data, done) => environment.render(path.basename(file), data, done));
app.use("/static", express.static("static"));
for (const page of ["page.njk", "page.ejs", "page.hbs"]) {
  app.get(`/${page}`, (req, res) => res.render(page, { who: "you", color: "green", items: ["one", "two"], q: req.query.q }));
}
app.listen(process.argv[2], "127.0.0.1");
