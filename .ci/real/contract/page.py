"""`/docs` as a browser shows it, behind the stage of an API gateway and without one."""

import http.client
import http.server
import json
import re
import subprocess
import tempfile
import threading

MEASURE = """
const found = { refused: [], errors: [] };
document.addEventListener("securitypolicyviolation", event => found.refused.push(event.violatedDirective + " " + event.blockedURI));
addEventListener("error", event => found.errors.push(event.message));
const pause = () => new Promise(done => setTimeout(done, 100));
const all = (root, selector) => [...root.querySelectorAll("*")].flatMap(element =>
  [...(element.matches(selector) ? [element] : []), ...(element.shadowRoot ? all(element.shadowRoot, selector) : [])]);
(async () => {
  const viewer = document.getElementById("viewer");
  for (let turn = 0; turn < 100 && !(viewer.shadowRoot && all(viewer.shadowRoot, ".btn-try, [part~=btn-try]").length); turn++) await pause();
  const root = viewer.shadowRoot;
  found.text = root.textContent.includes("Churn predictions");
  found.tries = all(root, "[part~=btn-try]").length;
  found.theme = viewer.getAttribute("theme");
  found.state = document.getElementById("state").hidden;
  found.width = document.documentElement.scrollWidth;
  const content = root.querySelector(".main-content") ?? root.querySelector("#main-content");
  found.overflow = content ? content.scrollWidth - content.clientWidth : null;
  all(root, "[part~=btn-try]")[0].click();
  for (let turn = 0; turn < 30; turn++) await pause();
  found.origins = [...new Set(performance.getEntriesByType("resource").map(entry => new URL(entry.name).origin))];
  const pre = document.createElement("pre");
  pre.id = "found";
  pre.textContent = JSON.stringify(found);
  parent.document.body.append(pre);
})();
"""


class Gateway(http.server.BaseHTTPRequestHandler):
    """Passes everything on to the function, without the stage. It puts a script into the page that measures it, and the
    page into a frame, because a window is never as narrow as a telephone."""

    protocol_version = "HTTP/1.1"
    asked = []

    def answer(self):
        path = self.path.removeprefix("/prod")
        if path == "/measure.js":
            return self.send(200, {"content-type": "text/javascript"}, MEASURE.encode())
        if path.startswith("/frame?"):
            page, width = re.fullmatch(r"/frame\?([\w/]+)&(\d+)", path).groups()
            frame = f'<!doctype html><meta name="color-scheme" content="light dark"><link rel="icon" href="data:,"><body style="margin:0">\
<iframe src="{page}" style="border:0;width:{width}px;height:1000px"></iframe>'
            return self.send(200, {"content-type": "text/html"}, frame.encode())
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        function = http.client.HTTPConnection("127.0.0.1", self.server.function, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
        function.request(self.command, path, body or None, headers)
        response = function.getresponse()
        content = response.read()
        Gateway.asked.append((self.command, self.path, response.status))
        headers = {name: value for name, value in response.getheaders() if name.lower() not in ("content-length", "date", "transfer-encoding")}
        if response.getheader("content-type", "").startswith("text/html"):
            policy = next(name for name in headers if name.lower() == "content-security-policy")
            headers[policy] = headers[policy].replace("frame-ancestors 'none'", "frame-ancestors 'self'")
            content = content.replace(b"<head>", b'<head><script type="module" src="/measure.js"></script>', 1)
        self.send(response.status, headers, content)

    do_GET = do_POST = answer

    def send(self, status, headers, content):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


def browse(url, width, *options):
    """What the page found of itself, and what the browser said to its console."""
    with tempfile.TemporaryDirectory() as profile:
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars",
                   f"--user-data-dir={profile}", "--enable-logging=stderr", f"--window-size={width},1000",
                   "--virtual-time-budget=60000", "--dump-dom", *options, url]
        result = subprocess.run(command, capture_output=True, text=True, timeout=180)
    found = re.search(r'<pre id="found">(.*?)</pre>', result.stdout)
    told = [line for line in result.stderr.splitlines() if "CONSOLE" in line]
    return (json.loads(found[1].replace("&amp;", "&").replace("&gt;", ">").replace("&lt;", "<")) if found else {}), told


def check(suite, port, document):
    """Several widths, with and without a stage and a slash, light and dark."""
    operations = sum(len(path) for path in document["paths"].values())
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway) as server:
        server.function = port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        origin = f"http://127.0.0.1:{server.server_port}"
        for path, width, theme in [("/docs", 390, "light"), ("/docs/", 1280, "dark"), ("/prod/docs", 1280, "light"), ("/prod/docs/", 390, "dark")]:
            Gateway.asked.clear()
            colours = ["--blink-settings=preferredColorScheme=0"] if theme == "dark" else ["--blink-settings=preferredColorScheme=1"]
            found, told = browse(f"{origin}/frame?{path}&{width}", width, *colours)
            name = f"{path} at {width} px, {theme}"
            faults = [*found.get("refused", ["no page"]), *found.get("errors", []), *told]
            suite.equal(f"{name}: refuses nothing and says nothing to the console", faults, [])
            suite.equal(f"{name}: shows every operation", found.get("tries"), operations)
            suite.equal(f"{name}: is {theme}", found.get("theme"), theme)
            fits = found.get("width", 9999) <= width and found.get("overflow") == 0
            suite.check(f"{name}: fits", fits, "" if fits else f"{found}")
            suite.equal(f"{name}: asks this host alone", found.get("origins"), [origin])
            stage = path.removesuffix("/").removesuffix("/docs")
            suite.check(f"{name}: a call from the page is answered", ("POST", f"{stage}/predict", 200) in Gateway.asked)
            suite.equal(f"{name}: asks for nothing that is not there", [asked for asked in Gateway.asked if asked[2] != 200], [])
        server.shutdown()
