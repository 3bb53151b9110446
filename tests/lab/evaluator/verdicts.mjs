// Prints what csp_evaluator says of every line of a table, as evaluator.json has it.
//
//   node verdicts.mjs TABLE
//
// Run by `run`, where the package is installed.

import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';

// The package's files are ES modules, but its package.json does not say so.
const [evaluator, {CspParser}, finding, lighthouse] = await Promise.all(
    ['evaluator', 'parser', 'finding', 'lighthouse/lighthouse_checks'].map(load));
const {version} = createRequire(process.env.PACKAGE + '/')('./package.json');

async function load(name) {
  const module = await import(`${process.env.PACKAGE}/dist/${name}.js`);
  return module.default ?? module;
}

/** Findings as [type, severity, directive, value]; what the package throws is its message. */
function judge(find) {
  try {
    return find().map(f => [finding.Type[f.type], finding.Severity[f.severity], f.directive, f.value ?? null]);
  } catch (error) {
    return error.message;
  }
}

function row(line) {
  const parsed = line.split(' | ').map(policy => new CspParser(policy).csp);
  if (parsed.length > 1) {
    return {policies: line.split(' | '), together: judge(() => lighthouse.evaluateForFailure(parsed))};
  }
  const evaluate = (advice, checks) => new evaluator.CspEvaluator(parsed[0]).evaluate(advice, checks);
  return {
    policy: line,
    weaknesses: judge(() => evaluate([], evaluator.DEFAULT_CHECKS)),
    advice: judge(() => evaluate(evaluator.STRICTCSP_CHECKS, [() => []])),
  };
}

const lines = readFileSync(process.argv[2], 'utf8').split('\n').filter(line => line && !line.startsWith('#'));
const rows = lines.map(line => JSON.stringify(row(line)));
console.log(`{"csp_evaluator": "${version}", "policies": [\n${rows.join(',\n')}\n]}`);
