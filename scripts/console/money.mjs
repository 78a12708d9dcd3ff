// The views about calls and costs, against the API.
import assert from "node:assert/strict";
import { shown } from "./api.mjs";

/** The text of a place, in one line. */
export async function text(place) {
  return (await place.innerText()).replace(/\s+/g, " ").trim();
}

const query = (pairs) => new URLSearchParams(pairs).toString();

/** Sums of the cards, and a plot that leads to its rows. */
export async function today({ seat, api, range }) {
  const { page } = seat;
  await seat.open(`/console/today?${query(range)}`);
  const { totals } = await api.get("summary", { ...range, by: "vendor" });
  const cards = await text(page.locator("main"));
  for (const sum of [totals.cost, totals.unmatched]) assert.ok(cards.includes(shown(sum)), `${shown(sum)} is on the page`);
  assert.ok(cards.includes(totals.calls.toLocaleString("en-US")), "the number of calls is on the page");
  await page.getByRole("link", { name: /Unmatched costs/ }).click();
  await page.waitForURL("**/console/costs*");
  const listed = await api.get("costs", { ...range, match: "unmatched", state: "in_force", limit: 1 });
  assert.ok((await text(page.locator("main"))).includes(shown(listed.totals.in_force.amount)), "the red sum is that of its rows");
  await seat.open(`/console/today?${query(range)}`);
  // The link lies over the bar; a person presses the bar.
  const bar = page.locator("svg.links a").nth(5);
  const href = await bar.getAttribute("href");
  await bar.locator("rect").click();
  await page.waitForURL((url) => url.pathname === "/console/calls");
  const days = Object.fromEntries(new URL(href, seat.base).searchParams);
  const log = await api.get("calls", { ...days, limit: 1 });
  assert.ok((await text(page.locator("main"))).includes(log.totals.calls.toLocaleString("en-US")), "the bar leads to its calls");
}

/** Groups with totals. */
export async function explore({ seat, api, range }) {
  await seat.open(`/console/explore?${query({ ...range, by: "vendor,disposition" })}`);
  const { totals } = await api.get("summary", { ...range, by: "vendor" });
  const foot = await text(seat.page.locator("tfoot").first());
  assert.ok(foot.includes(shown(totals.cost)), `${foot} has ${shown(totals.cost)}`);
  for (const by of ["campaign", "week"]) {
    await seat.open(`/console/explore?${query({ ...range, by })}`);
    const { groups } = await api.get("summary", { ...range, by });
    const group = groups.find((each) => each.calls > 0);
    await seat.page.getByRole("link", { name: group.keys[by], exact: true }).click();
    await seat.page.waitForURL((url) => url.pathname === "/console/calls");
    const totals = await text(seat.page.locator("p.totals"));
    assert.ok(totals.startsWith(`${group.calls.toLocaleString("en-US")} calls`), `${group.keys[by]}: ${totals}`);
  }
}

/** A cell of the map leads to its calls. */
export async function hours({ seat, range }) {
  await seat.open(`/console/hours?${query(range)}`);
  const cell = seat.page.locator(".heat .shade6 a, .heat a.shade6").first();
  await cell.click();
  await seat.page.waitForURL((url) => url.pathname === "/console/calls");
  assert.ok((await seat.page.locator("main tbody tr").count()) > 0, "the hour has its calls");
}

/** A filter, and a row that opens the whole story of its call. */
export async function calls({ seat, api, range }) {
  const { page } = seat;
  await seat.open(`/console/calls?${query({ ...range, billed: "true" })}`);
  const log = await api.get("calls", { ...range, billed: "true", limit: 1 });
  assert.ok((await text(page.locator("main"))).includes(log.totals.calls.toLocaleString("en-US")), "the calls are counted");
  await page.getByLabel("Vendor").fill("cobalt");
  await page.getByRole("button", { name: "Search" }).click();
  await page.waitForURL((url) => url.searchParams.get("vendor") === "cobalt");
  const own = await api.get("calls", { ...range, vendor: "cobalt", limit: 1 });
  assert.ok(own.totals.calls > 0);
  const rows = await page.locator("main tbody tr").allInnerTexts();
  assert.ok(rows.length > 0 && rows.every((row) => row.includes("cobalt")), "only that vendor's calls are listed");
  await page.locator("main tbody tr a").first().click();
  await page.waitForURL(/\/console\/calls\/[A-Z]+/);
  const story = await text(page.locator("main"));
  for (const part of ["Every report of the call", "switch"]) assert.ok(story.includes(part), part);
}

/** A cost is voided, another one matched to a call, and adjusted. */
export async function costs({ seat, api, range }) {
  const { page } = seat;
  const kinds = { ...range, match: "unmatched", state: "in_force" };
  const before = await api.get("costs", { ...kinds, limit: 50 });
  await seat.open(`/console/costs?${query({ ...range, kind: "unmatched" })}`);
  await page.locator("main tbody tr a").first().click();
  await page.waitForURL(/\/console\/costs\/\d+/);
  const voided = page.url().split("/").at(-1);
  const block = page.locator("form.acting", { has: page.getByRole("button", { name: "Void this cost" }) });
  await block.getByLabel("Why it is not owed").fill("No such call <b>ever</b>");
  await block.getByRole("button").click();
  await page.getByText("No such call <b>ever</b>").first().waitFor();
  assert.equal((await api.get(`costs/${voided}`)).state, "void");
  const after = await api.get("costs", { ...kinds, limit: 50 });
  assert.equal(after.totals.in_force.count, before.totals.in_force.count - 1, "one cost less is unmatched");

  const { cost_id, did } = after.costs.find((cost) => cost.vendor_id === "cobalt") ?? after.costs[0];
  const { calls } = await api.get("calls", { ...range, did, disposition: "answered", billed: "false", limit: 1 });
  await seat.open(`/console/costs/${cost_id}`);
  const match = page.locator("form.acting", { has: page.getByRole("button", { name: "Match" }) });
  await match.getByLabel("Call", { exact: true }).fill(calls[0].call_sid);
  await match.getByLabel("Why it is that call's").fill("The vendor sent the recording");
  await match.getByRole("button").click();
  await page.getByText("The vendor sent the recording").first().waitFor();
  const matched = await api.get(`costs/${cost_id}`);
  assert.deepEqual([matched.match, matched.call_sid, matched.pinned], ["matched", calls[0].call_sid, true]);

  const adjust = page.locator("form.acting", { has: page.getByRole("button", { name: "Adjust" }) });
  await adjust.getByLabel(/Amount/).fill("-7.50");
  await adjust.getByLabel("Why", { exact: true }).fill("Half of it credited");
  await adjust.getByRole("button").click();
  await page.getByText("Half of it credited").first().waitFor();
  const { adjustments } = await api.get(`costs/${cost_id}`);
  assert.deepEqual(adjustments.map((found) => found.amount), ["-7.5000"]);
  assert.ok((await text(page.locator("main"))).includes("\u22127.50"), "the credit has a real minus");
}
