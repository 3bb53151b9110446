// Express with the code of cspseal: SETTINGS SITE, paths as JSON on standard input.
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const express = require("express");

const [settings, site] = process.argv.slice(2);
const app = express();
// As it stands, where `app` and `require` are what they are in a program.
eval(`${fs.readFileSync(settings, "utf8")}\n`);
app.use((req, res) => {
  const file = path.join(site, decodeURIComponent(req.path));
  if (fs.existsSync(file) && fs.statSync(file).isFile()) res.type("html").send(fs.readFileSync(file));
  else res.status(404).send("nothing");
});

const get = (port, url) =>
  new Promise((resolve, reject) => {
    http.get({ host: "127.0.0.1", port, path: url, maxHeaderSize: 1 << 20 }, (response) => {
      const headers = [];
      for (let i = 0; i < response.rawHeaders.length; i += 2) headers.push(response.rawHeaders.slice(i, i + 2));
      response.resume().on("end", () => resolve({ path: url, status: response.statusCode, headers }));
    }).on("error", reject);
  });
const server = app.listen(0, "127.0.0.1", async () => {
  for (const url of JSON.parse(fs.readFileSync(0, "utf8"))) console.log(JSON.stringify(await get(server.address().port, url)));
  server.close();
});
