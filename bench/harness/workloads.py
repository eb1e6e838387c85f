"""What is asked of every server: the exact bytes of each request and the body that must come back."""

from dataclasses import dataclass

HOST = "Host: 127.0.0.1:8080\r\n"

BROWSER_FIELDS = (
    "Connection: keep-alive\r\n"
    'sec-ch-ua: "Chromium";v="131", "Not_A Brand";v="24", "Google Chrome";v="131"\r\n'
    "sec-ch-ua-mobile: ?0\r\n"
    'sec-ch-ua-platform: "Linux"\r\n'
    "Upgrade-Insecure-Requests: 1\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-User: ?1\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-GB,en;q=0.9\r\n"
)


@dataclass(frozen=True)
class Workload:
    key: str
    title: str
    path: str
    body: "str | bytes | None"
    fields: str = ""
    depth: int = 1
    content: "str | int | None" = None  # of a POST: a text, or how many bytes bench/load makes up
    status: int = 200
    variants: int = 1                   # how many numbers stand for "{n}" in the path

    @property
    def made_up(self):
        return self.content if isinstance(self.content, int) else 0

    def request(self, extra_fields=""):
        """Its bytes, but for the content that bench/load makes up."""
        text = self.content if isinstance(self.content, str) else ""
        method, fields = "GET", self.fields + extra_fields
        if text:
            fields += "Content-Type: application/json\r\n"
        if self.content is not None:
            method = "POST"
            fields += f"Content-Length: {len(text.encode()) + self.made_up}\r\n"
        return f"{method} {self.path} HTTP/1.1\r\n{HOST}{fields}\r\n{text}".encode()

    def files_of_load(self, extra_fields, expected):
        """What bench/load is told in files, by its options."""
        files = {"--request": self.request(extra_fields)}
        if expected is not None:
            files["--expect-file"] = as_bytes(expected)
        return files


def as_bytes(body):
    return body.encode() if isinstance(body, str) else body


WORKLOADS = (
    Workload("plain", "GET /", "/", "Hello, World!"),
    Workload("pipelined", "GET /, 16 pipelined", "/", "Hello, World!", depth=16),
    Workload("browser", "GET / with a browser's headers", "/", "Hello, World!", BROWSER_FIELDS),
    Workload("json", "GET /json", "/json", '{"message":"Hello, World!"}'),
    Workload("path", "GET /users/123", "/users/123",
             '{"id":123,"name":"User 123","email":"user123@example.com"}'),
    Workload("greet", "GET /greet/World", "/greet/World", "Hello, World!"),
)

# The route of "greet" in the other forms that a handler may have, of our server alone.
FORMS = (
    Workload("greet_request", "the same, from Request&", "/request/World", "Hello, World!"),
    Workload("greet_method", "the same, a controller's", "/method/World", "Hello, World!"),
)

# What one piece of middleware costs over the same route without it, by the name that middleware_server
# knows it by; and what was promised, in instructions.
MIDDLEWARE = {
    "request_id": ("RequestId", 150),
    "cors": ("Cors, no Origin", 60),
    "security_headers": ("SecurityHeaders", 250),
    "metrics": ("HttpMetrics", 200),
    "rate_limit": ("RateLimit, silent", 300),
    "rate_limit_fields": ("RateLimit", 300),
    "access_log": ("AccessLog", 600),
    "tracing": ("Tracing, not recorded", None),
}


def by_keys(keys):
    return [w for w in WORKLOADS if keys is None or w.key in keys]
