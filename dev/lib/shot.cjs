// Log in, go to a page of Odoo's web client, wait until it stands still, photograph it.
// Called by dev/shot with one JSON argument; prints one line when something is wrong.
const {chromium} = require("playwright-core");

const options = JSON.parse(process.argv[2]);

async function login(page) {
    await page.goto(`${options.base}/web/login?db=${options.db}`);
    await page.fill("input[name=login]", options.login);
    await page.fill("input[name=password]", options.password);
    await Promise.all([
        page.waitForURL((url) => !url.pathname.startsWith("/web/login")),
        page.click("form.oe_login_form button[type=submit]"),
    ]);
}

async function settle(page) {
    await page.waitForLoadState("networkidle", {timeout: 5000}).catch(() => null);
    if (options.wait) {
        await page.waitForSelector(options.wait, {timeout: 30000});
    }
    await page.evaluate(() => document.fonts.ready);
    await page.waitForTimeout(options.pause);
}

async function main() {
    const browser = await chromium.launch({
        executablePath: options.browser,
        args: options.flags,
        chromiumSandbox: false,
    });
    try {
        const context = await browser.newContext({
            viewport: {width: options.width, height: options.height},
            colorScheme: options.dark ? "dark" : "light",
            reducedMotion: "reduce",
            locale: "en-US",
        });
        if (options.dark) {
            await context.addCookies([
                {name: "color_scheme", value: "dark", url: options.base},
                {name: "configured_color_scheme", value: "dark", url: options.base},
            ]);
        }
        const page = await context.newPage();
        if (options.login) {
            await login(page);
        }
        await page.goto(new URL(options.url, options.base).href);
        await settle(page);
        for (const selector of options.click) {
            await page.click(selector);
            await settle(page);
        }
        await page.screenshot({path: options.file, fullPage: options.full});
    } finally {
        await browser.close();
    }
}

main().catch((error) => {
    console.log(`shot: ${String(error.message).split("\n")[0]}`);
    process.exit(1);
});
