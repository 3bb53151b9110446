// Writes csp_evaluator's tables of hosts as src/evaluate/bypass has them.
//
//   node tables.mjs FOLDER
//
// Run by `run`, where the package is installed.

import {writeFileSync} from 'node:fs';

const notice = name => `# allowlist_bypasses/${name}.ts of csp_evaluator, https://github.com/google/csp-evaluator
# Copyright 2016 Google Inc. Licensed under the Apache License, Version 2.0; see LICENSE-APACHE or
# http://www.apache.org/licenses/LICENSE-2.0. Distributed on an "AS IS" BASIS, without warranties or conditions of
# any kind. Changed: written as plain lines, hosts that need eval() marked with it.
`;

for (const name of ['jsonp', 'angular', 'flash']) {
  const module = await import(`${process.env.PACKAGE}/dist/allowlist_bypasses/${name}.js`);
  const {URLS, NEEDS_EVAL = []} = module.default ?? module;
  const rows = URLS.map(url => url.slice(2) + (NEEDS_EVAL.includes(new URL('https:' + url).hostname) ? ' eval' : ''));
  writeFileSync(`${process.argv[2]}/${name}.txt`, notice(name) + rows.join('\n') + '\n');
}
