"""
Learners who work at the same time: each logs in with the password, starts a server, opens notebooks and runs every cell,
through JupyterHub's and Jupyter's own API, as JupyterLab does. Prints one line of JSON for each thing that was done.

    simulate.py URL NAME[,NAME …] NOTEBOOK[,NOTEBOOK …] [--second] [--keep] < PASSWORD

--second: then each learner also asks the kernel "TypeScript (a network of its own)" for its network.
--keep: the last kernel of each learner is not closed.
With the rights to read /proc of the learners' processes, their memory is measured before a kernel is closed.
"""

import argparse
import asyncio
import json
import os
import pwd
import re
import signal
import sys
import time
import uuid
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

PATIENCE = 300  # seconds: a bound for a machine on which everything starts at once, no measure
TIMEOUTS = {"connect_timeout": PATIENCE, "request_timeout": PATIENCE}
MEGABYTE = 1024  # kilobytes
BIND = re.compile(r"\bbind\(\d+, \S*?:(\d+)\) = 0")


def tell(what: str, **facts) -> None:
    print(json.dumps({"what": what, **facts}), flush=True)


class Browser:
    """The cookies and the address of one learner's browser."""

    def __init__(self, url: str, name: str):
        self.url, self.name = url, name
        self.cookies: dict[str, str] = {}
        self.token = ""

    async def fetch(self, path: str, method: str = "GET", body: object = None, form: dict | None = None):
        headers = {"Cookie": "; ".join(f"{key}={value}" for key, value in self.cookies.items())}
        if self.token:
            headers["Authorization"] = f"token {self.token}"
        elif "_xsrf" in self.cookies:
            headers["X-XSRFToken"] = self.cookies["_xsrf"]
        data = None
        if form is not None:
            data = urlencode(form)
        elif method in ("POST", "PUT", "PATCH"):
            data = json.dumps({} if body is None else body)
            headers["Content-Type"] = "application/json"
        request = HTTPRequest(
            self.url + path, method, headers, data, follow_redirects=False, **TIMEOUTS
        )
        answer = await AsyncHTTPClient().fetch(request, raise_error=False)
        for line in answer.headers.get_list("Set-Cookie"):
            for key, morsel in SimpleCookie(line).items():
                self.cookies[key] = morsel.value
        if answer.code >= 400:
            raise HTTPClientError(answer.code, f"{method} {path}: {answer.body.decode(errors='replace')[:2000]}")
        return answer

    async def json(self, path: str, method: str = "GET", body: object = None):
        answer = await self.fetch(path, method, body)
        return json.loads(answer.body) if answer.body else None

    async def log_in(self, password: str) -> None:
        await self.fetch("/hub/login")
        form = {"username": self.name, "password": password, "_xsrf": self.cookies["_xsrf"]}
        await self.fetch("/hub/login", "POST", form=form)
        # The page's own way to its API; the token serves for the learner's server, too.
        await self.fetch("/hub/home")
        made = await self.json(f"/hub/api/users/{self.name}/tokens", "POST", {"note": "a class"})
        self.token = made["token"]

    async def start_server(self) -> None:
        running = (await self.json(f"/hub/api/users/{self.name}"))["servers"].get("")
        if running and running["ready"]:
            return
        await self.json(f"/hub/api/users/{self.name}/server", "POST")
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            state = await self.json(f"/hub/api/users/{self.name}")
            server = state["servers"].get("")
            if server is None:
                raise RuntimeError("the server has ended; JupyterHub's log says why")
            if server["ready"]:
                return
            await asyncio.sleep(0.25)
        raise TimeoutError(f"no server within {PATIENCE} s")


class Kernel:
    """One kernel of a learner, as the page of a notebook uses it."""

    def __init__(self, browser: Browser, session: dict, socket):
        self.browser, self.session, self.socket = browser, session, socket

    @property
    def id(self) -> str:
        return self.session["kernel"]["id"]

    @classmethod
    async def open(cls, browser: Browser, path: str, name: str) -> "Kernel":
        user = f"/user/{browser.name}"
        body = {"path": path, "name": path, "type": "notebook", "kernel": {"name": name}}
        session = await browser.json(f"{user}/api/sessions", "POST", body)
        address = browser.url.replace("http", "ws", 1) + f"{user}/api/kernels/{session['kernel']['id']}/channels"
        # Answered only when the kernel has answered.
        request = HTTPRequest(address, headers={"Authorization": f"token {browser.token}"}, **TIMEOUTS)
        return cls(browser, session, await websocket_connect(request, max_message_size=2**28))

    async def run(self, code: str) -> dict:
        """Runs a cell; gives its status and what it printed."""
        number = uuid.uuid4().hex
        header = {
            "msg_id": number, "msg_type": "execute_request", "version": "5.3",
            "username": self.browser.name, "session": self.session["id"], "date": "",
        }  # fmt: skip
        content = {
            "code": code, "silent": False, "store_history": True, "user_expressions": {},
            "allow_stdin": False, "stop_on_error": True,
        }  # fmt: skip
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        await self.socket.write_message(json.dumps(message))
        text, reply, idle = "", None, False
        while reply is None or not idle:
            raw = await asyncio.wait_for(self.socket.read_message(), PATIENCE)
            if raw is None:
                raise ConnectionError("the server has closed the connection to the kernel")
            arrived = json.loads(raw)
            if arrived["parent_header"].get("msg_id") != number:
                continue
            kind, content = arrived["header"]["msg_type"], arrived["content"]
            if kind == "stream":
                text += content["text"]
            elif kind == "execute_reply":
                reply = content
            elif kind == "status":
                idle = content["execution_state"] == "idle"
        return {"status": reply["status"], "text": text, "error": reply.get("evalue", "")}

    async def close(self) -> None:
        self.socket.close()
        await self.browser.fetch(f"/user/{self.browser.name}/api/sessions/{self.session['id']}", "DELETE")


def memory(name: str) -> dict:
    """Proportional memory (PSS, man 5 proc) of the learner's server and kernels, in megabytes."""
    try:
        uid = pwd.getpwnam(name).pw_uid
    except KeyError:
        return {}
    sums = {"server": 0, "kernels": 0}
    for entry in os.listdir("/proc"):
        try:
            if not entry.isdigit() or os.stat(f"/proc/{entry}").st_uid != uid:
                continue
            with open(f"/proc/{entry}/smaps_rollup") as file:
                kilobytes = next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                sums["server" if b"singleuser" in file.read() else "kernels"] += kilobytes
        except (OSError, StopIteration):
            continue  # just ended, or not ours to look at
    return {key: round(value / MEGABYTE) for key, value in sums.items()}


async def run_notebook(browser: Browser, notebook: str, keep: bool) -> None:
    began = time.monotonic()
    path = f"notebooks/{notebook}.ipynb"
    model = await browser.json(f"/user/{browser.name}/api/contents/{path}?type=notebook&content=1")
    kernel = await Kernel.open(browser, path, model["content"]["metadata"]["kernelspec"]["name"])
    failed, ports, cells = [], set(), 0
    for cell in model["content"]["cells"]:
        if cell["cell_type"] != "code":
            continue
        cells += 1
        done = await kernel.run("".join(cell["source"]))
        ports.update(int(port) for port in BIND.findall(done["text"]))
        # A callback's error fails no cell; it is told on standard error.
        if done["status"] != "ok" or re.search("UncaughtException|UnhandledPromiseRejection", done["text"]):
            failed.append({"cell": cell["id"], "error": done["error"], "text": done["text"][-1000:]})
    facts = {"cells": cells, "failed": failed, "ports": sorted(ports), "memory": memory(browser.name)}
    if not keep:
        await kernel.close()
    tell("notebook", learner=browser.name, notebook=notebook, seconds=time.monotonic() - began, **facts)


ASK_NETWORK = """
import { readlinkSync } from "fs";
import { socket, choosePort, closeAll, AF_INET, SOCK_STREAM, LOOPBACK } from "kernel-helpers";
const port = choosePort();
const server = socket("server", AF_INET, SOCK_STREAM);
server.bind(LOOPBACK, port);
server.listen(5);
const client = socket("client", AF_INET, SOCK_STREAM);
await client.connect(LOOPBACK, port);
closeAll();
console.log("network", readlinkSync("/proc/self/ns/net"));
"""


async def ask_second_kernel(browser: Browser, keep: bool) -> None:
    began = time.monotonic()
    kernel = await Kernel.open(browser, "notebooks/own.ipynb", "tslab-own-network")
    done = await kernel.run(ASK_NETWORK)
    found = re.search(r"network (net:\[\d+\])", done["text"])
    if not keep:
        await kernel.close()
    tell(
        "second", learner=browser.name, seconds=time.monotonic() - began, status=done["status"],
        network=found and found[1], error=done["error"], text=done["text"][-1000:],
    )  # fmt: skip


async def learn(url: str, name: str, password: str, notebooks: list[str], second: bool, keep: bool) -> bool:
    browser = Browser(url, name)
    try:
        began = time.monotonic()
        await browser.log_in(password)
        await browser.start_server()
        tell("server", learner=name, seconds=time.monotonic() - began, memory=memory(name))
        for notebook in notebooks:
            await run_notebook(browser, notebook, keep and notebook == notebooks[-1] and not second)
        if second:
            await ask_second_kernel(browser, keep)
        return True
    except Exception as error:
        tell("error", learner=name, error=f"{type(error).__name__}: {error}")
        return False


async def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("names")
    parser.add_argument("notebooks")
    parser.add_argument("--second", action="store_true")
    parser.add_argument("--keep", action="store_true")
    given = parser.parse_args()
    password = sys.stdin.readline().rstrip("\n")
    AsyncHTTPClient.configure(None, max_clients=1000)
    notebooks = [name for name in given.notebooks.split(",") if name]
    url = given.url.rstrip("/")
    done = await asyncio.gather(
        *(learn(url, name, password, notebooks, given.second, given.keep) for name in given.names.split(","))
    )
    return 0 if all(done) else 1


# Ctrl-C in the terminal of `npm run class` reaches this program, too: it ends without a word, `npm run class` has one.
signal.signal(signal.SIGINT, signal.SIG_DFL)
sys.exit(asyncio.run(main()))
