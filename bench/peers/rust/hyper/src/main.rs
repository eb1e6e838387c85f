// The service of bench/peers/README.md on hyper alone, current-thread: it is a library for HTTP, so
// routing is a `match`, middleware are lines, and there are neither files nor WebSockets.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use http_body_util::{BodyExt, Full};
use hyper::{
    body::{Body, Bytes},
    header::{HeaderValue, CONTENT_TYPE},
    service::service_fn,
    Method, Request, Response, StatusCode,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use serde::{Deserialize, Serialize};
use validator::Validate;

#[derive(Serialize)]
struct Text {
    message: &'static str,
}

#[derive(Serialize)]
struct User {
    id: u64,
    name: String,
    email: String,
}

#[derive(Deserialize, Validate)]
struct NewUser {
    #[validate(length(min = 1, max = 64))]
    name: String,
    #[validate(email)]
    email: String,
    #[validate(range(min = 0, max = 150))]
    age: i32,
}

#[derive(Serialize)]
struct Signup {
    id: u64,
    name: String,
    email: String,
    age: i32,
}

type Answer = Response<Full<Bytes>>;

static REQUESTS: AtomicU64 = AtomicU64::new(0);

const RESOURCES: [&str; 6] = ["products", "orders", "carts", "reviews", "categories", "invoices"];

fn answer(status: StatusCode, kind: &'static str, content: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(content.into()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

fn text(content: impl Into<Bytes>) -> Answer {
    answer(StatusCode::OK, "text/plain; charset=utf-8", content)
}

fn json(status: StatusCode, value: &impl Serialize) -> Answer {
    answer(status, "application/json", serde_json::to_vec(value).unwrap())
}

fn empty(status: StatusCode) -> Answer {
    answer(status, "text/plain; charset=utf-8", Bytes::new())
}

fn user(id: &str) -> Answer {
    match id.parse::<u64>() {
        Ok(id) => {
            let name = format!("User {id}");
            json(StatusCode::OK, &User { id, name, email: format!("user{id}@example.com") })
        }
        Err(_) => empty(StatusCode::BAD_REQUEST),
    }
}

fn resource(rest: &str) -> Answer {
    let (name, id) = rest.split_once('/').map_or((rest, None), |(name, id)| (name, Some(id)));
    let Some(name) = RESOURCES.into_iter().find(|known| *known == name) else {
        return empty(StatusCode::NOT_FOUND);
    };
    match id.map(str::parse::<u64>) {
        None => text(name),
        Some(Ok(id)) => text(format!("{name} {id}")),
        Some(Err(_)) => empty(StatusCode::BAD_REQUEST),
    }
}

async fn create<B: Body>(request: Request<B>) -> Result<Answer, B::Error> {
    let content = request.into_body().collect().await?.to_bytes();
    let Ok(user) = serde_json::from_slice::<NewUser>(&content) else {
        return Ok(empty(StatusCode::BAD_REQUEST));
    };
    Ok(match user.validate() {
        Ok(()) => {
            let made = Signup { id: 1, name: user.name, email: user.email, age: user.age };
            json(StatusCode::CREATED, &made)
        }
        Err(errors) => {
            answer(StatusCode::UNPROCESSABLE_ENTITY, "text/plain; charset=utf-8", errors.to_string())
        }
    })
}

async fn route<B: Body>(request: Request<B>) -> Result<Answer, B::Error> {
    let path = request.uri().path();
    if request.method() == Method::POST && path == "/api/users" {
        return create(request).await;
    }
    if request.method() != Method::GET {
        return Ok(empty(StatusCode::METHOD_NOT_ALLOWED));
    }
    Ok(match path {
        "/" => text("Hello, World!"),
        "/json" => json(StatusCode::OK, &Text { message: "Hello, World!" }),
        "/count" => text(REQUESTS.load(Relaxed).to_string()),
        "/health" => text("ok"),
        _ => {
            if let Some(id) = path.strip_prefix("/users/") {
                user(id)
            } else if let Some(rest) = path.strip_prefix("/api/") {
                resource(rest)
            } else {
                empty(StatusCode::NOT_FOUND)
            }
        }
    })
}

async fn serve<B: Body>(request: Request<B>) -> Result<Answer, B::Error> {
    REQUESTS.fetch_add(1, Relaxed);
    if request.headers().contains_key("x-refuse") {
        return Ok(empty(StatusCode::FORBIDDEN));
    }
    let mut answer = route(request).await?;
    answer.headers_mut().insert("x-service", HeaderValue::from_static("peers"));
    Ok(answer)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let http3 = http3::serve(std::env::args().nth(2), serve);
    println!("{{\"ready\":true,\"pid\":{},\"http\":\"{address}\"{http3}}}", std::process::id());
    loop {
        let (connection, _) = listener.accept().await.unwrap();
        connection.set_nodelay(true).unwrap();
        tokio::spawn(async move {
            let mut server = auto::Builder::new(TokioExecutor::new());
            server.http1().pipeline_flush(true);
            let _ = server.serve_connection(TokioIo::new(connection), service_fn(serve)).await;
        });
    }
}
