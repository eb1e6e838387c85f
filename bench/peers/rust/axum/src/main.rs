// The service of bench/peers/README.md on Axum: a current-thread runtime.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use axum::{
    extract::{
        ws::{Message, WebSocket, WebSocketUpgrade},
        Path, Request,
    },
    http::{HeaderValue, StatusCode},
    middleware::{from_fn, Next},
    response::{IntoResponse, Response},
    routing::{any, get, post, MethodRouter},
    serve::ListenerExt,
    Json, Router,
};
use serde::{Deserialize, Serialize};
use tower::ServiceExt;
use tower_http::services::ServeDir;
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
struct Member {
    id: u64,
    name: String,
    email: String,
    age: i32,
}

static REQUESTS: AtomicU64 = AtomicU64::new(0);

async fn count(request: Request, next: Next) -> Response {
    REQUESTS.fetch_add(1, Relaxed);
    next.run(request).await
}

async fn refuse(request: Request, next: Next) -> Response {
    if request.headers().contains_key("x-refuse") {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

async fn mark(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert("x-service", HeaderValue::from_static("peers"));
    response
}

async fn user(Path(id): Path<u64>) -> Json<User> {
    Json(User { id, name: format!("User {id}"), email: format!("user{id}@example.com") })
}

async fn create(Json(user): Json<NewUser>) -> Response {
    match user.validate() {
        Ok(()) => {
            let made = Member { id: 1, name: user.name, email: user.email, age: user.age };
            (StatusCode::CREATED, Json(made)).into_response()
        }
        Err(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors.to_string()).into_response(),
    }
}

async fn echo(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        if matches!(message, Message::Text(_) | Message::Binary(_))
            && socket.send(message).await.is_err()
        {
            break;
        }
    }
}

fn all(name: &'static str) -> MethodRouter {
    get(move || async move { name })
}

fn one(name: &'static str) -> MethodRouter {
    get(move |Path(id): Path<u64>| async move { format!("{name} {id}") })
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = std::env::args().nth(1).expect("usage: peer_axum FOLDER [IDENTITY]");
    let mut app = Router::new()
        .route("/", get(|| async { "Hello, World!" }))
        .route("/json", get(|| async { Json(Text { message: "Hello, World!" }) }))
        .route("/users/{id}", get(user))
        .route("/api/users", post(create))
        .route("/count", get(|| async { REQUESTS.load(Relaxed).to_string() }))
        .route("/health", get(|| async { "ok" }))
        .route("/ws/echo", any(|upgrade: WebSocketUpgrade| async { upgrade.on_upgrade(echo) }))
        .nest_service("/files", ServeDir::new(folder));
    for name in ["products", "orders", "carts", "reviews", "categories", "invoices"] {
        app = app
            .route(&format!("/api/{name}"), all(name))
            .route(&format!("/api/{name}/{{id}}"), one(name));
    }
    let app = app.layer(from_fn(mark)).layer(from_fn(refuse)).layer(from_fn(count));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let by_http3 = app.clone();
    let http3 =
        http3::serve(std::env::args().nth(2), move |request| by_http3.clone().oneshot(request));
    println!("{{\"ready\":true,\"pid\":{},\"http\":\"{address}\"{http3}}}", std::process::id());
    let listener = listener.tap_io(|connection| connection.set_nodelay(true).unwrap());
    axum::serve(listener, app).await.unwrap();
}
