// HTTP/3 for a service of hyper's or tower's kind, by h3 over quinn, as h3's own example does it.

use std::{convert::Infallible, error::Error, future::Future, net::Ipv4Addr, sync::Arc};

use bytes::{BufMut, Bytes, BytesMut};
use h3::server::RequestResolver;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use quinn::{
    crypto::rustls::QuicServerConfig,
    rustls::{
        self,
        pki_types::{pem::PemObject, CertificateDer, PrivateKeyDer},
    },
    Endpoint, ServerConfig,
};

type Failure = Box<dyn Error + Send + Sync>;

/// Listens if there is a file of a certificate and its key, and gives the part of the ready line.
pub fn serve<S, F, B>(identity: Option<String>, service: S) -> String
where
    S: Fn(Request<Full<Bytes>>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Response<B>, Infallible>> + Send + 'static,
    B: BodyExt<Data = Bytes, Error: Into<Failure> + Send> + Send + Unpin + 'static,
{
    let Some(identity) = identity else { return String::new() };
    let endpoint = listen(&identity).unwrap();
    let address = endpoint.local_addr().unwrap();
    tokio::spawn(async move {
        while let Some(incoming) = endpoint.accept().await {
            let service = service.clone();
            tokio::spawn(async move {
                let Ok(connection) = incoming.await else { return };
                let connection = h3_quinn::Connection::new(connection);
                let Ok(mut connection) = h3::server::builder().build(connection).await else {
                    return;
                };
                while let Ok(Some(resolver)) = connection.accept().await {
                    tokio::spawn(answer(resolver, service.clone()));
                }
            });
        }
    });
    format!(",\"http3\":\"{address}\"")
}

fn listen(identity: &str) -> Result<Endpoint, Failure> {
    let certificates = CertificateDer::pem_file_iter(identity)?.collect::<Result<_, _>>()?;
    let mut tls = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(certificates, PrivateKeyDer::from_pem_file(identity)?)?;
    tls.alpn_protocols = vec![b"h3".to_vec()];
    let options = ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls)?));
    Ok(Endpoint::server(options, (Ipv4Addr::LOCALHOST, 0).into())?)
}

async fn answer<S, F, B>(
    resolver: RequestResolver<h3_quinn::Connection, Bytes>,
    service: S,
) -> Result<(), Failure>
where
    S: Fn(Request<Full<Bytes>>) -> F,
    F: Future<Output = Result<Response<B>, Infallible>>,
    B: BodyExt<Data = Bytes, Error: Into<Failure>> + Unpin,
{
    let (request, mut stream) = resolver.resolve_request().await?;
    let mut content = BytesMut::new();
    while let Some(piece) = stream.recv_data().await? {
        content.put(piece);
    }
    let (head, mut body) =
        service(request.map(|()| Full::new(content.freeze()))).await?.into_parts();
    stream.send_response(Response::from_parts(head, ())).await?;
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(Into::into)?.into_data() {
            stream.send_data(data).await?;
        }
    }
    stream.finish().await?;
    Ok(())
}
