// Uses every view of a running console as people do, in a real browser. Arguments: the credentials of `callbook local --demo-data`, the file of the demo's
// statement, the folder of screenshots, and the folder of those for the README, if they are to be made.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Api } from "./api.mjs";
import { LOOKS, Seat, launch } from "./browser.mjs";
import { calls, costs, explore, hours, today } from "./money.mjs";
import { accounts, edits, follows, hostile, invoice, queue, reference, requests, vendors, viewer } from "./others.mjs";

const [credentials, statement, screenshots, forReadme] = process.argv.slice(2);
const demo = JSON.parse(readFileSync(credentials, "utf8"));
const base = demo.base_url;
const api = new Api(base, demo.user);

/** Signs in by name and password, and stays at the beginning. */
export async function signIn(seat, user) {
  await seat.open("/console/sign-in");
  await seat.page.fill('input[name="username"]', user.username);
  await seat.page.fill('input[name="password"]', user.password);
  await seat.page.getByRole("button", { name: "Sign in", exact: true }).click();
  await seat.page.waitForURL("**/console/today*");
  seat.check();
}

/** The demo user gets in with one press, and out again. */
async function door(browser) {
  const seat = await Seat.take(browser, base, "light");
  await seat.open("/");
  await seat.accessible();
  await seat.shot(screenshots, "sign-in-light");
  await seat.page.getByRole("button", { name: "Look around as the demo user" }).click();
  await seat.page.waitForURL("**/console/today*");
  const cookies = await seat.context.cookies();
  assert.equal(cookies.length, 1);
  assert.ok(cookies[0].httpOnly && ["Strict", "Lax"].includes(cookies[0].sameSite), "the cookie is the server's alone");
  await seat.page.getByRole("button", { name: "Sign out" }).click();
  await seat.page.waitForURL("**/console/sign-in*");
  await seat.page.goto("/console/calls");
  assert.ok(await seat.page.locator('input[name="password"]').isVisible(), "without a session there is the sign-in");
  await seat.context.close();
}

/** The paths of all views; some are of one call, one cost or one webhook. */
async function paths() {
  const me = await api.get("me");
  const day = (ago) => new Intl.DateTimeFormat("en-CA", { timeZone: me.timezone }).format(Date.now() - ago * 86_400_000);
  const range = { from: day(29), to: day(0) };
  const doubled = await api.get("costs", { ...range, flag: "two_vendors", limit: 1 });
  const unmatched = await api.get("costs", { ...range, match: "unmatched", state: "in_force", limit: 1 });
  const { webhooks } = await api.get("webhooks");
  return {
    range,
    webhook: webhooks[0],
    views: {
      today: "/console/today",
      explore: "/console/explore?range=30d",
      hours: "/console/hours?range=30d",
      calls: "/console/calls?range=7d",
      call: `/console/calls/${doubled.costs[0].call_sid}`,
      costs: "/console/costs?range=30d",
      cost: `/console/costs/${unmatched.costs[0].cost_id}`,
      invoice: "/console/invoice",
      vendors: "/console/vendors?range=30d",
      vendor: "/console/vendors/acme?range=30d",
      queue: "/console/queue",
      webhook: `/console/queue/webhooks/${webhooks[0].id}`,
      requests: "/console/requests",
      api: "/console/api",
      chapter: "/console/api/costs",
    },
  };
}

/** Every view in every look: what it weighs, that everybody can use it, and how it looks. */
async function looks(browser, views) {
  for (const look of Object.keys(LOOKS)) {
    const seat = await Seat.take(browser, base, look);
    await signIn(seat, demo.user);
    for (const [name, path] of Object.entries(views)) {
      await seat.open(path);
      assert.ok(await seat.page.getByText("Times in").isVisible(), `${path} says its time zone`);
      await seat.accessible();
      if (look === "light") await seat.keyboard();
      await seat.shot(screenshots, `${name}-${look}`);
      if (look === "light") await file(seat, name);
      if (forReadme && look !== "phone" && ["today", "explore"].includes(name)) await small(seat, path, `${name}-${look}`);
    }
    for (const { path, weight, time } of seat.weights) {
      if (Object.values(views).includes(path)) console.log(`  ${look.padEnd(6)} ${String(Math.round(weight / 1024)).padStart(4)} KB ${String(time).padStart(5)} ms  ${path}`);
    }
    await seat.context.close();
  }
}

/** The rows of a view as CSV, if it has rows. */
async function file(seat, name) {
  const link = seat.page.getByRole("link", { name: "As CSV" });
  if ((await link.count()) === 0) return;
  const [download] = await Promise.all([seat.page.waitForEvent("download"), link.click()]);
  const text = readFileSync(await download.path(), "utf8");
  assert.ok(text.trim().split("\n").length > 1, `${name} as CSV has rows`);
}

/** A screenshot for the README: the upper part of a page, in pixels of a usual screen. */
async function small(seat, path, name) {
  await seat.page.goto(path);
  await seat.page.screenshot({ path: `${forReadme}/${name}.png`, animations: "disabled" });
}

const browser = await launch();
try {
  await door(browser);
  const { range, views, webhook } = await paths();
  await looks(browser, views);
  const seat = await Seat.take(browser, base, "light");
  await signIn(seat, demo.user);
  const scene = { seat, api, demo, range, views, statement, webhook, screenshots, browser, signIn };
  for (const use of [today, explore, hours, calls, costs, invoice, vendors, edits, queue, requests, follows, reference, accounts, hostile, viewer]) {
    await use(scene);
    seat.check();
    console.log(`  ${use.name} is as the API says`);
  }
} finally {
  await browser.close();
}
console.log("console: every view can be used, and says what the API says");
