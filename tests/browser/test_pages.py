"""Can a person read it? In Chromium: wide or on a phone, in the dark, with the keyboard, without JavaScript."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver import Chrome as WebDriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.editions import (
    FIRST_SEED,
    ORCID,
    ROR,
    SECOND_SEED,
    STUB,
    Server,
    example_items,
    press,
    start,
    synthetic_records,
)

PAGES = (
    "/",
    f"/page/doi/{SECOND_SEED}",
    "/page/doi/10.5555/full",
    f"/page/doi/{STUB}",
    "/page/journal/2313-8920",
    "/page/journal/2049-3630/vol/7",
    "/page/journal/2049-3630/vol/7/issue/1-2",
    f"/page/orcid/{ORCID}",
    f"/page/ror/{ROR}",
    "/page/dataset",
    "/page/graph/matched",
    "/dumps/",
    "/report",
    "/about",
    "/sparql",
)
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
)
Open = Callable[..., WebDriver]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("graph")
    press(folder, [*example_items(), *synthetic_records()])
    running = start(folder, folder / "server.log")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """Starts Chromium; without it a test skips and says so, with `CI=true` it fails."""
    chromium, driver = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        reason = "Chromium and ChromeDriver are not there; on Debian: apt-get install chromium chromium-driver"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    running: list[WebDriver] = []

    def start_browser(*, width: int = 1200, dark: bool = False, scripts: bool = True) -> WebDriver:
        options = webdriver.ChromeOptions()
        options.binary_location = chromium
        for flag in (*_FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        started = webdriver.Chrome(options=options, service=Service(driver))
        running.append(started)
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        started.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        started.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme})
        if not scripts:
            started.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        return started

    yield start_browser
    for started in running:
        started.quit()


@pytest.fixture(scope="module")
def wide(browser: Open) -> WebDriver:
    return browser()


@pytest.fixture(scope="module")
def phone(browser: Open) -> WebDriver:
    return browser(width=360)


@pytest.mark.parametrize("path", PAGES)
def test_pages_render_without_a_complaint(server: Server, wide: WebDriver, path: str) -> None:
    wide.get(server.url + path)
    assert wide.find_element(By.TAG_NAME, "h1").is_displayed()
    assert len(wide.find_elements(By.TAG_NAME, "main")) == 1
    # Errors, refused resources and violations of the security policy all end here.
    assert wide.get_log("browser") == []  # type: ignore[no-untyped-call]  # Selenium leaves it untyped
    hosts = wide.execute_script(
        "return performance.getEntriesByType('resource').map(entry => new URL(entry.name).origin)"
    )
    assert set(hosts) <= {server.url}
    assert "none" not in wide.execute_script("return getComputedStyle(document.body).backgroundColor")


@pytest.mark.parametrize("path", PAGES)
def test_headings_and_names_for_a_screen_reader(server: Server, wide: WebDriver, path: str) -> None:
    wide.get(server.url + path)
    levels = wide.execute_script("return [...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    unnamed = wide.execute_script(
        "return [...document.querySelectorAll('a,button,input,textarea,select')].filter(e =>"
        " !(e.innerText || '').trim() && !e.getAttribute('aria-label') && !(e.labels || []).length"
        " && e.type !== 'hidden').map(e => e.outerHTML)"
    )
    assert unnamed == []
    doubled = wide.execute_script(
        "const ids = [...document.querySelectorAll('[id]')].map(e => e.id);"
        "return ids.filter((id, n) => ids.indexOf(id) !== n)"
    )
    assert doubled == []


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_needs_no_sideways_scrolling(server: Server, phone: WebDriver, path: str) -> None:
    phone.get(server.url + path)
    assert phone.execute_script("return document.documentElement.scrollWidth") <= 360


def test_the_keyboard_reaches_everything_in_order(server: Server, wide: WebDriver) -> None:
    wide.get(f"{server.url}/?lang=en")
    wide.switch_to.active_element.send_keys(Keys.TAB)
    skip = wide.switch_to.active_element
    assert skip.text == "Skip to the content"
    assert skip.location["y"] >= 0
    reached = []
    for _ in range(8):
        wide.switch_to.active_element.send_keys(Keys.TAB)
        reached.append(wide.switch_to.active_element)
        outline = wide.execute_script("return getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none"
    assert reached[0].text == "Edition of the tests"
    assert [link.text for link in reached[1:5]] == ["Dumps", "SPARQL", "Validation report", "About"]
    field = reached[6]
    assert field.get_attribute("name") == "q"
    field.send_keys(f"https://doi.org/{FIRST_SEED.upper()}", Keys.ENTER)
    assert wide.current_url.partition("?")[0] == f"{server.url}/page/doi/{FIRST_SEED}"


def test_the_skip_link_leads_to_the_content(server: Server, wide: WebDriver) -> None:
    wide.get(f"{server.url}/about")
    wide.switch_to.active_element.send_keys(Keys.TAB)
    wide.switch_to.active_element.send_keys(Keys.ENTER)
    assert wide.execute_script("return document.activeElement.id") == "main"


def test_dark_mode_is_dark_and_readable(server: Server, browser: Open) -> None:
    dark = browser(dark=True)
    for path in ("/", f"/page/doi/{SECOND_SEED}", "/sparql"):
        dark.get(server.url + path)
        for selector in ("body", "main a", ".colophon p"):
            element = dark.find_element(By.CSS_SELECTOR, selector)
            ink = _luminance(element.value_of_css_property("color"))
            paper = _luminance(dark.find_element(By.TAG_NAME, "body").value_of_css_property("background-color"))
            assert paper < 0.05
            # WCAG 2.2, success criterion 1.4.3.
            assert (ink + 0.05) / (paper + 0.05) >= 4.5


def _luminance(colour: str) -> float:
    """Return the relative luminance of a CSS `rgb()` or `rgba()` colour, as WCAG 2.2 defines it."""
    channels = [int(part) / 255 for part in colour.partition("(")[2].rstrip(")").split(",")[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_all_works_without_scripts(server: Server, browser: Open) -> None:
    plain = browser(scripts=False)
    plain.get(f"{server.url}/page/doi/{SECOND_SEED}?lang=en")
    assert len(plain.find_elements(By.CSS_SELECTOR, ".references > li")) == 30
    plain.find_element(By.PARTIAL_LINK_TEXT, "Policy of Western States").click()
    assert FIRST_SEED in plain.current_url
    assert "Cited by" in plain.find_element(By.ID, "cited-by").text
    plain.find_element(By.LINK_TEXT, "Русский").click()
    assert plain.find_element(By.TAG_NAME, "html").get_attribute("lang") == "ru"
    plain.find_element(By.CSS_SELECTOR, ".kicker a").click()
    assert "/page/journal/2313-8920" in plain.current_url
    assert plain.find_element(By.TAG_NAME, "html").get_attribute("lang") == "ru"


def test_a_text_from_right_to_left_runs_so(server: Server, wide: WebDriver) -> None:
    wide.get(f"{server.url}/page/doi/10.5555/full")
    arabic = wide.find_element(By.CSS_SELECTOR, "main [lang=ar]")
    assert arabic.value_of_css_property("direction") == "rtl"


def test_a_reference_that_is_linked_to_is_shown(server: Server, wide: WebDriver, tmp_path: Path) -> None:
    wide.get(f"{server.url}/page/doi/{SECOND_SEED}#ref-25")
    target = wide.find_element(By.CSS_SELECTOR, ":target")
    assert "Pitron" in target.text
    picture = tmp_path / "reference.png"
    assert wide.save_screenshot(str(picture))
    assert picture.stat().st_size > 5000
