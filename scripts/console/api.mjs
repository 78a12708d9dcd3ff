// Asks the API what the pages should say.
import assert from "node:assert/strict";

export class Api {
  constructor(base, user) {
    this.base = base;
    this.authorization = `Basic ${Buffer.from(`${user.username}:${user.password}`).toString("base64")}`;
  }

  async get(path, query = {}) {
    return this.send("GET", `${path}?${new URLSearchParams(query)}`);
  }

  async post(path, body, headers = {}) {
    return this.send("POST", path, JSON.stringify(body), { "content-type": "application/json", ...headers });
  }

  async send(method, path, body, headers = {}) {
    const answer = await fetch(`${this.base}/callbook/v1/${path}`, { method, body, headers: { authorization: this.authorization, ...headers } });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
  }
}

/** An amount of the API as pages write it: `1,234.50`, with a minus for negative ones. */
export function shown(amount) {
  const [whole, decimals = ""] = amount.replace("-", "").split(".");
  const cents = decimals.replace(/0+$/, "").padEnd(2, "0");
  return `${amount.startsWith("-") ? "\u2212" : ""}${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${cents}`;
}
