// Calls every operation of the plan with openapi-fetch, which sends parameters as openapi.yaml describes them.
// Usage: call.mjs OPENAPI PLAN CREDENTIALS
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import createClient from "openapi-fetch";
import { parse } from "yaml";

const [openapi, planFile, credentialsFile] = process.argv.slice(2);
const document = parse(readFileSync(openapi, "utf8"));
const plan = JSON.parse(readFileSync(planFile, "utf8"));
const credentials = JSON.parse(readFileSync(credentialsFile, "utf8"));
const { fonedynamics, user, tld, trestle, truecnam } = credentials;

const day = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
const known = {
  account_sid: fonedynamics.account_sid, username: truecnam.username, password: truecnam.password,
  user: user.username, user_password: user.password, from: day(-1), to: day(1), month: day(0).slice(0, 7), vendor: "acme",
};
const basic = (name, secret) => ({ authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString("base64")}` });
const headers = {
  trestle: { "x-api-key": trestle.api_key },
  tld: { "tld-api-id": tld.api_id, "tld-api-key": tld.api_key },
  user: basic(user.username, user.password),
  fonedynamics: basic(fonedynamics.account_sid, fonedynamics.token),
};

const operations = {};
for (const [path, item] of Object.entries(document.paths)) {
  for (const [method, operation] of Object.entries(item)) {
    if (operation.operationId) operations[operation.operationId] = { method: method.toUpperCase(), path, operation };
  }
}

function filled(value) {
  if (Array.isArray(value)) return value.map(filled);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, filled(inner)]));
  return typeof value === "string" && value.startsWith("$") ? known[value.slice(1)] : value;
}
const at = (answer, path) => path.split(".").reduce((inner, step) => inner[step], answer);

const called = new Set(plan.map((step) => step.operation));
assert.deepEqual(Object.keys(operations).filter((name) => !called.has(name)), [], "every operation has a step");
const client = createClient({ baseUrl: credentials.base_url });
for (const step of plan) {
  const { method, path, operation } = operations[step.operation];
  const query = { ...filled(step.query ?? {}), ...(step.as === "truecnam" ? { username: truecnam.username, password: truecnam.password } : {}) };
  const options = { params: { path: filled(step.path ?? {}), query }, headers: headers[step.as] ?? {} };
  if (step.body) {
    options.body = filled(step.body);
    if (!operation.requestBody.content?.["application/json"] && !operation.requestBody.$ref) {
      options.bodySerializer = (body) => new URLSearchParams(body).toString();
      options.headers = { ...options.headers, "content-type": "application/x-www-form-urlencoded" };
    }
  }
  const { data, error, response } = await client[method](path, options);
  assert.ok([200, 201].includes(response.status), `${step.operation}: ${response.status} ${JSON.stringify(error)}`);
  for (const [field, value] of Object.entries(filled(step.expect ?? {}))) assert.deepEqual(at(data, field), value, `${step.operation}: ${field}`);
  if (step.least) assert.ok(at(data, step.least).length > 0, `${step.operation}: ${step.least}`);
  for (const [from, kept] of Object.entries(step.keep ?? {})) known[kept] = at(data, from);
}
console.log(`typescript: ${plan.length} operations called`);
