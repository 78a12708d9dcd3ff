// A browser that reports what a page must not do: break its Content Security Policy, log an error, open a dialog, or ask another origin for anything.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.CONSOLE_TOOLS}/`);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** How a page is looked at. */
export const LOOKS = {
  light: { colorScheme: "light", viewport: { width: 1280, height: 900 } },
  dark: { colorScheme: "dark", viewport: { width: 1280, height: 900 } },
  phone: { colorScheme: "light", viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
};

/** The most that a page may weigh with all that it loads, in bytes. */
const HEAVIEST = 150 * 1024;

export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"],
  });
}

/** Counts that the focus stayed where it was. */
function stays_of(stop) {
  stop.stays += 1;
  return stop.stays;
}

/** One person at one screen: their pages, and what went wrong on them. */
export class Seat {
  faults = [];
  weights = [];

  static async take(browser, base, look) {
    const seat = new Seat();
    seat.base = base;
    seat.look = look;
    seat.context = await browser.newContext({ baseURL: base, reducedMotion: "reduce", acceptDownloads: true, locale: "en-US", ...LOOKS[look] });
    // Scripts of the test run outside of the page's policy, so this listener works on every page.
    await seat.context.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => console.error(`CSP violation: ${event.violatedDirective} ${event.blockedURI}`));
    });
    seat.page = await seat.context.newPage();
    seat.watch(seat.page);
    return seat;
  }

  watch(page) {
    page.on("console", (message) => {
      // Chromium reports the status of an expected refusal as an error.
      const expected = this.expected && message.text().includes(`status of ${this.expected}`);
      if (message.type() === "error" && !expected) this.faults.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.faults.push(`script: ${error.message}`));
    page.on("dialog", async (dialog) => {
      this.faults.push(`dialog: ${dialog.message()}`);
      await dialog.dismiss();
    });
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.protocol !== "data:" && url.origin !== this.base) this.faults.push(`request to ${url.origin}`);
    });
  }

  /** Opens a path and waits until the page and all that it loads are there. Returns the response. */
  async open(path, status = 200) {
    this.expected = status === 200 ? undefined : status;
    const responses = [];
    const seen = (response) => responses.push(response);
    this.page.on("response", seen);
    const response = await this.page.goto(path, { waitUntil: "load" });
    this.page.off("response", seen);
    this.expected = undefined;
    assert.equal(response.status(), status, path);
    let weight = 0;
    for (const each of responses) {
      const sizes = await each.request().sizes();
      weight += sizes.responseBodySize + sizes.responseHeadersSize;
    }
    const time = await this.page.evaluate(() => Math.round(performance.getEntriesByType("navigation")[0].loadEventStart));
    this.weights.push({ path, weight, time });
    assert.ok(weight <= HEAVIEST, `${path} weighs ${weight} bytes`);
    this.check();
    return response;
  }

  /** Fails if the page did what it must not. */
  check() {
    assert.deepEqual(this.faults, [], this.page.url());
  }

  /** Fails for every violation that axe finds, and for a page that is wider than the screen. */
  async accessible() {
    // `evaluate` is not subject to the page's policy; axe must not fetch stylesheets, which is.
    await this.page.evaluate(axe);
    const found = await this.page.evaluate(() => globalThis.axe.run(document, { preload: false, resultTypes: ["violations"] }));
    const violations = found.violations.map((violation) => {
      const places = violation.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)}\n      ${node.any.concat(node.all).map((check) => check.message).join("; ")}`);
      return `${violation.id}: ${violation.help}\n    ${places.join("\n    ")}`;
    });
    assert.deepEqual(violations, [], `${this.page.url()} (${this.look}):\n  ${violations.join("\n  ")}`);
    const [page, screen] = await this.page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    assert.ok(page <= screen, `${this.page.url()} (${this.look}) is ${page} pixels wide on a screen of ${screen}`);
  }

  /** Walks through the page with the Tab key: the first stop leads to the main content, and there is no trap. */
  async keyboard() {
    await this.page.evaluate(() => {
      document.activeElement?.blur();
      getSelection()?.removeAllRanges();
    });
    const stop = () =>
      this.page.evaluate(() => {
        const at = document.activeElement;
        if (!at || at === document.body) return null;
        const outlined = getComputedStyle(at);
        return {
          place: [...document.querySelectorAll("*")].indexOf(at),
          text: (at.textContent || at.getAttribute("aria-label") || at.name || "").trim().slice(0, 40),
          href: at.getAttribute("href"),
          inMain: !!at.closest("main"),
          visible: outlined.outlineStyle !== "none" || outlined.boxShadow !== "none",
        };
      });
    const stops = [];
    for (let count = 0; count < 3_000; count += 1) {
      await this.page.keyboard.press("Tab");
      const at = await stop();
      if (!at || (stops.length > 1 && at.place === stops[0].place)) break;
      // A field for a date has a stop for each of its parts, and one for its calendar.
      const stays = at.place === stops.at(-1)?.place ? stays_of(stops.at(-1)) : 0;
      assert.ok(stays < 6, `${this.page.url()}: the focus is trapped at ${at.text}`);
      if (stays === 0) stops.push({ ...at, stays: 0 });
    }
    assert.ok(stops.length > 0 && stops.length < 3_000, `${this.page.url()}: ${stops.length} stops`);
    assert.equal(stops[0].href, "#main", `${this.page.url()}: the first stop skips to the content`);
    assert.ok(stops.some((at) => at.inMain) || !(await this.page.$("main a, main button, main input")), "a stop is in the main content");
    const hidden = stops.filter((at) => !at.visible);
    assert.deepEqual(hidden, [], `${this.page.url()}: the focus is not visible`);
  }

  async shot(folder, name) {
    mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: `${folder}/${name}.png`, fullPage: true, animations: "disabled" });
  }
}
