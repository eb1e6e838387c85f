"""The service of bench/peers/README.md on FastAPI, served by uvicorn with uvloop and httptools, HTTP/3 by Hypercorn."""

import asyncio
import json
import os
import socket
import sys

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from fastapi.responses import PlainTextResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, EmailStr, Field

requests = 0


class Count:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        global requests
        requests += 1
        await self.app(scope, receive, send)


class Refuse:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http" and any(name == b"x-refuse" for name, _ in scope["headers"]):
            await PlainTextResponse(status_code=403)(scope, receive, send)
            return
        await self.app(scope, receive, send)


class Mark:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        async def marked(message):
            if message["type"] == "http.response.start":
                message["headers"].append((b"x-service", b"peers"))
            await send(message)

        await self.app(scope, receive, marked)


class Text(BaseModel):
    message: str


class User(BaseModel):
    id: int
    name: str
    email: str


class NewUser(BaseModel):
    name: str = Field(min_length=1, max_length=64)
    email: EmailStr
    age: int = Field(ge=0, le=150)


class Signup(BaseModel):
    id: int
    name: str
    email: str
    age: int


app = FastAPI()
for middleware in (Mark, Refuse, Count):  # the last one is the outermost
    app.add_middleware(middleware)


@app.get("/", response_class=PlainTextResponse)
async def hello():
    return "Hello, World!"


@app.get("/json")
async def message() -> Text:
    return Text(message="Hello, World!")


@app.get("/users/{id}")
async def user(id: int) -> User:
    return User(id=id, name=f"User {id}", email=f"user{id}@example.com")


@app.post("/api/users", status_code=201)
async def create(made: NewUser) -> Signup:
    return Signup(id=1, name=made.name, email=made.email, age=made.age)


@app.get("/count", response_class=PlainTextResponse)
async def count():
    return str(requests)


@app.get("/health", response_class=PlainTextResponse)
async def health():
    return "ok"


def add_resource(name):
    @app.get(f"/api/{name}", response_class=PlainTextResponse)
    async def all():
        return name

    @app.get(f"/api/{name}/{{id}}", response_class=PlainTextResponse)
    async def one(id: int):
        return f"{name} {id}"


for resource in ("products", "orders", "carts", "reviews", "categories", "invoices"):
    add_resource(resource)


@app.websocket("/ws/echo")
async def echo(socket: WebSocket):
    await socket.accept()
    try:
        while True:
            await socket.send_text(await socket.receive_text())
    except WebSocketDisconnect:
        pass


app.mount("/files", StaticFiles(directory=sys.argv[1]))


class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        host, port = self.servers[0].sockets[0].getsockname()
        ready = {"ready": True, "pid": os.getpid(), "http": f"{host}:{port}"}
        if len(sys.argv) > 2:
            ready["http3"] = self.listen_by_http3(sys.argv[2])
        print(json.dumps(ready), flush=True)

    def listen_by_http3(self, identity):
        import hypercorn.asyncio  # here, since it would take part in the start without HTTP/3

        quic = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        quic.bind(("127.0.0.1", 0))
        host, port = quic.getsockname()
        config = hypercorn.Config.from_mapping(bind=[], quic_bind=[f"fd://{quic.detach()}"], certfile=identity,
                                               keyfile=identity)
        never = asyncio.Event()  # uvicorn ends the process
        self.http3 = asyncio.create_task(hypercorn.asyncio.serve(app, config, shutdown_trigger=never.wait))
        return f"{host}:{port}"


Server(uvicorn.Config(app, host="127.0.0.1", port=0, loop="uvloop", http="httptools", ws="websockets",
                      ws_per_message_deflate=False, log_level="warning", access_log=False)).run()
