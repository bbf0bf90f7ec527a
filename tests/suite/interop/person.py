"""Whoever sits at the browser: follows the emulator's pages, as a person does. With an address it signs in there."""

import os
import sys
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests


class Page(HTMLParser):
    """The first form of a page: where it goes, what it holds, and what can be pressed."""

    def __init__(self, text):
        super().__init__()
        self.action, self.inputs, self.buttons = None, {}, {}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.action = given.get("action") or ""
        elif tag == "input" and given.get("name"):
            self.inputs[given["name"]] = given.get("value") or ""
        elif tag == "button":
            self.buttons[given.get("id")] = given


def walk(address, username, password, **parameters):
    """Fills in and presses whatever leads on, until no form is left. Gives the last page's text."""
    browser = requests.Session()
    answer = browser.get(address, params=parameters)
    for _ in range(8):
        page = Page(answer.text)
        if page.action is None:
            answer.raise_for_status()
            return answer.text
        form = page.inputs | {name: value for name, value in [("username", username), ("password", password)] if name in page.inputs}
        pressed = next(page.buttons[name] for name in ("approve", "signin", "next", "continue") if name in page.buttons)
        if pressed.get("name"):
            form[pressed["name"]] = pressed.get("value") or ""
        answer = browser.post(urljoin(answer.url, page.action), data=form)
    raise AssertionError("the pages do not end")


if __name__ == "__main__":
    walk(sys.argv[1], os.environ["PERSON_NAME"], os.environ["PERSON_PASSWORD"])
