// The service of bench/peers/README.md on Actix Web: one worker.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use actix_web::{
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::{from_fn, Next},
    rt,
    web::{self, Json, Path, Payload},
    App, Error, HttpRequest, HttpResponse, HttpServer,
};
use actix_ws::Message;
use futures_util::StreamExt;
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
struct Member {
    id: u64,
    name: String,
    email: String,
    age: i32,
}

static REQUESTS: AtomicU64 = AtomicU64::new(0);

async fn count(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    REQUESTS.fetch_add(1, Relaxed);
    next.call(request).await
}

async fn refuse(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.headers().contains_key("x-refuse") {
        return Ok(request.into_response(HttpResponse::Forbidden().finish()));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

async fn mark(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    response
        .headers_mut()
        .insert(HeaderName::from_static("x-service"), HeaderValue::from_static("peers"));
    Ok(response)
}

async fn user(id: Path<u64>) -> Json<User> {
    Json(User { id: *id, name: format!("User {id}"), email: format!("user{id}@example.com") })
}

async fn create(user: Json<NewUser>) -> HttpResponse {
    let user = user.into_inner();
    match user.validate() {
        Ok(()) => HttpResponse::Created().json(Member {
            id: 1,
            name: user.name,
            email: user.email,
            age: user.age,
        }),
        Err(errors) => HttpResponse::UnprocessableEntity().body(errors.to_string()),
    }
}

async fn echo(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Error> {
    let (response, mut session, mut messages) = actix_ws::handle(&request, payload)?;
    rt::spawn(async move {
        while let Some(Ok(message)) = messages.next().await {
            let sent = match message {
                Message::Text(text) => session.text(text).await,
                Message::Binary(bytes) => session.binary(bytes).await,
                Message::Ping(bytes) => session.pong(&bytes).await,
                Message::Close(_) => break,
                _ => Ok(()),
            };
            if sent.is_err() {
                break;
            }
        }
        let _ = session.close(None).await;
    });
    Ok(response)
}

fn routes(app: &mut web::ServiceConfig, folder: &str) {
    app.route("/", web::get().to(|| async { "Hello, World!" }))
        .route("/json", web::get().to(|| async { Json(Text { message: "Hello, World!" }) }))
        .route("/users/{id}", web::get().to(user))
        .route("/api/users", web::post().to(create))
        .route("/count", web::get().to(|| async { REQUESTS.load(Relaxed).to_string() }))
        .route("/health", web::get().to(|| async { "ok" }))
        .route("/ws/echo", web::get().to(echo));
    for name in ["products", "orders", "carts", "reviews", "categories", "invoices"] {
        app.route(&format!("/api/{name}"), web::get().to(move || async move { name })).route(
            &format!("/api/{name}/{{id}}"),
            web::get().to(move |id: Path<u64>| async move { format!("{name} {id}") }),
        );
    }
    app.service(actix_files::Files::new("/files", folder));
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).expect("usage: peer_actix FOLDER");
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = HttpServer::new(move || {
        let folder = folder.clone();
        App::new()
            .wrap(from_fn(mark))
            .wrap(from_fn(refuse))
            .wrap(from_fn(count))
            .configure(move |app| routes(app, &folder))
    })
    .workers(1)
    .tcp_nodelay(true)
    .listen_auto_h2c(listener)?
    .run();
    println!("{{\"ready\":true,\"pid\":{},\"http\":\"{address}\"}}", std::process::id());
    server.await
}
